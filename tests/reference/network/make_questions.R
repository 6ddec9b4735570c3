# Questions put to a network, answered by metafor: regressions on a covariate of the studies, and
# comparisons that have one effect in studies that make them and another elsewhere.
source(file.path("tests", "reference", "common.R"))

stored <- function(name)
  fromJSON(file.path("tests", "reference", "network", paste0(name, ".json")))

asked <- function(case, Z, method = "REML") {
  d <- case$data
  X <- sapply(setdiff(case$treatments, case$reference), function(t)
    (d$treatment == t) - (d$comparator == t))
  V <- outer(d$study, d$study, "==") * d$shared
  diag(V) <- d$vi
  d$row <- ave(seq_along(d$study), d$study, FUN = seq_along)
  f <- rma.mv(yi, V, mods = cbind(X, Z), intercept = FALSE, random = ~ factor(row) | study,
              struct = "CS", rho = 0.5, data = d, method = method, sparse = FALSE,
              control = list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-15,
                             maxit = 10000))
  at <- ncol(X) + seq_len(ncol(Z))
  list(tau2 = f$tau2, names = c(colnames(X), colnames(Z)), estimate = as.numeric(f$b),
       se = as.numeric(f$se), q = as.numeric(f$QE),
       q_model = as.numeric(anova(f, btt = at)$QM))
}

# What each contrast takes from a covariate z that acts against the reference.
common <- function(case, z)
  z * ((case$data$treatment != case$reference) - (case$data$comparator != case$reference))

smoking <- stored("smoking_cessation")
senn <- stored("senn2013_arms")
year <- function(study) as.numeric(sub(".*\\(([0-9]{4}).*", "\\1", study))
of_studies <- function(case, f) tapply(f(case$data), factor(case$data$study), function(x) x[1])

years <- year(senn$data$study)
mean_year <- mean(of_studies(senn, function(d) year(d$study)))
others <- setdiff(smoking$treatments, smoking$reference)
ds <- smoking$data
spread <- ds$shared
mean_spread <- mean(of_studies(smoking, function(d) d$shared))

sides <- combn(smoking$treatments, 2, simplify = FALSE)
side <- function(pair) {
  arms <- lapply(split(ds, ds$study), function(d) unique(c(d$comparator, d$treatment)))
  both <- sapply(as.character(ds$study), function(s) all(pair %in% arms[[s]]))
  half <- function(t) 0.5 * (t == pair[1]) - 0.5 * (t == pair[2])
  Z <- cbind(omega = both * (half(ds$treatment) - half(ds$comparator)))
  c(list(treatment = pair[1], comparator = pair[2]), asked(smoking, Z))
}

# A comparison-adjusted funnel: every contrast (placebo first, then by name) less the pooled one
# of its comparison, and the classical regression; loops by the same contrasts.
every_pair <- function(case) {
  d <- case$data
  do.call(rbind, lapply(split(d, factor(d$study, unique(d$study))), function(s) {
    arms <- c(s$comparator[1], s$treatment)
    y <- c(0, s$yi)
    V <- matrix(s$shared[1], length(arms), length(arms))
    diag(V) <- c(0, s$vi)
    V[1, ] <- V[, 1] <- 0
    ij <- t(combn(length(arms), 2))
    data.frame(study = s$study[1], treat1 = arms[ij[, 1]], treat2 = arms[ij[, 2]],
               y = y[ij[, 1]] - y[ij[, 2]],
               v = diag(V)[ij[, 1]] + diag(V)[ij[, 2]] - 2 * V[ij])
  }))
}
funnel_of <- function(case) {
  p <- every_pair(case)
  order <- c(case$reference, sort(setdiff(case$treatments, case$reference)))
  turned <- match(p$treat1, order) < match(p$treat2, order)
  p$y <- ifelse(turned, -p$y, p$y)
  p$comparison <- ifelse(turned, paste(p$treat2, p$treat1, sep = ":"),
                         paste(p$treat1, p$treat2, sep = ":"))
  p <- do.call(rbind, lapply(split(p, p$comparison), function(q) {
    if (nrow(q) < 2) return(NULL)
    f <- rma(y, v, data = q, method = "FE")
    transform(q, deviation = y - as.numeric(f$b), z = rstandard(f)$z)
  }))
  t <- regtest(p$deviation, p$v, model = "lm")
  b <- cor.test(p$z, p$v, method = "kendall", exact = FALSE)
  list(t = t$zval, df = t$dfs, p = t$pval, deviation = sum(abs(p$deviation)),
       kendall_z = as.numeric(b$statistic), kendall_p = b$p.value)
}

write_reference(list(
  call = paste("rma.mv of the cases senn2013_arms and smoking_cessation with further moderators:",
               "year (centred at the mean of the studies) and studies from 2004 on, in senn2013;",
               "the variance of the first arm (centred), one coefficient a treatment, in",
               "smoking_cessation; each comparison of smoking_cessation split, half a unit for",
               "each of the two treatments in studies that compare both"),
  versions = versions,
  mean_year = mean_year,
  year = asked(senn, cbind(year = common(senn, years - mean_year))),
  later = asked(senn, cbind(later = common(senn, as.numeric(years >= 2004)))),
  mean_spread = mean_spread,
  spread = asked(smoking, sapply(others, function(t)
    (spread - mean_spread) * ((ds$treatment == t) - (ds$comparator == t)))),
  funnel = funnel_of(senn),
  sides = lapply(sides, side)), "network", "questions", "answers")

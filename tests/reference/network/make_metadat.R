# Every network of metadat that has arms, as a table of arms; its contrasts fitted by generalised
# least squares with explicit matrices: common effect; random effects at the tau2 of the method of
# moments (DL), where Q with its weights is as large as its degrees of freedom (PM), and at the root
# of the restricted or full score (REML, ML). rma.mv must find the same root, as far as its optimiser
# goes.
source(file.path("tests", "reference", "common.R"))

least_squares <- function(y, V, X) {
  W <- solve(V)
  C <- solve(t(X) %*% W %*% X)
  list(W = W, C = C, b = c(C %*% t(X) %*% W %*% y), P = W - W %*% X %*% C %*% t(X) %*% W)
}

# Contrasts against each study's first arm; their covariance from the variance of every pair, which
# is the sum of the arms' own unless the measure says otherwise.
contrasts_of <- function(d) {
  do.call(rbind, lapply(unique(d$study), function(s) {
    e <- d[d$study == s, ]
    data.frame(study = s, treatment = e$arm[-1], comparator = e$arm[1], y = e$y[-1] - e$y[1])
  }))
}

of_arms <- function(e) outer(e$v, e$v, "+")

covariance <- function(d, between) {
  blocks <- lapply(unique(d$study), function(s) {
    v <- between(d[d$study == s, ])
    own <- v[-1, 1]
    block <- (outer(own, own, "+") - v[-1, -1, drop = FALSE]) / 2
    diag(block) <- own
    block
  })
  as.matrix(metafor::bldiag(blocks))
}

fits_of <- function(d, between = of_arms) {
  V <- covariance(d, between)
  d <- contrasts_of(d)
  treatments <- sort(unique(c(d$treatment, d$comparator)), method = "radix")
  X <- sapply(treatments[-1], function(t) (d$treatment == t) - (d$comparator == t))
  same <- outer(d$study, d$study, "==")
  S <- same * 0.5
  diag(S) <- 1
  at <- function(tau2) least_squares(d$y, V + tau2 * S, X)
  q <- function(f) c(t(d$y) %*% f$P %*% d$y)
  score <- function(tau2, restricted) {
    f <- at(tau2)
    r <- f$P %*% d$y
    c(t(r) %*% S %*% r) - sum((if (restricted) f$P else f$W) * S)
  }
  df <- nrow(X) - ncol(X)
  likely <- function(restricted) {
    d$row <- ave(seq_along(d$study), d$study, FUN = seq_along)
    found <- rma.mv(y, V, mods = X, intercept = FALSE, random = ~ factor(row) | study,
                    struct = "CS", rho = 0.5, data = d, method = if (restricted) "REML" else "ML",
                    control = list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-15,
                                   maxit = 10000))$tau2
    if (found < 1e-6 && score(0, restricted) <= 0) return(0)
    tau2 <- uniroot(score, c(0.5, 2) * found, restricted = restricted, tol = 1e-16,
                    maxiter = 10000)$root
    stopifnot(abs(tau2 - found) < 1e-4 * found)
    tau2
  }
  common <- at(0)
  matching <- function() {
    if (q(common) <= df) return(0)
    uniroot(function(t) q(at(t)) - df, c(0, 100 * max(d$y^2)), tol = 1e-16, maxiter = 10000)$root
  }
  tau2 <- c(common = 0, DL = max(0, (q(common) - df) / sum(common$P * S)), PM = matching(),
            REML = likely(TRUE), ML = likely(FALSE))
  list(treatments = treatments, Q = q(common), df = df, fits = lapply(tau2, function(t) {
    f <- at(t)
    C <- rbind(0, cbind(0, f$C))
    list(tau2 = t, position = c(0, f$b), se = sqrt(pmax(outer(diag(C), diag(C), "+") - 2 * C, 0)))
  }))
}

log_odds <- function(d) {
  d <- d[!ave(d$x == 0, d$study, FUN = all) & !ave(d$x == d$n, d$study, FUN = all), ]
  add <- 0.5 * ave(d$x == 0 | d$x == d$n, d$study, FUN = any)
  events <- d$x + add
  others <- d$n - d$x + add
  transform(d, y = log(events / others), v = 1 / events + 1 / others)
}
# What is added goes to the events; pairs of arms with nothing but events count their number as it is.
log_risks <- function(d) {
  d <- d[!ave(d$x == 0, d$study, FUN = all), ]
  add <- 0.5 * ave(d$x == 0 | d$x == d$n, d$study, FUN = any)
  transform(d, y = log((d$x + add) / (d$n + add)), add = add)
}
between_risks <- function(e) {
  v <- 1 / (e$x + e$add) - 1 / (e$n + e$add)
  full <- 1 / e$x - 1 / (e$n + e$add)
  ifelse(outer(e$x == e$n, e$x == e$n), outer(full, full, "+"), outer(v, v, "+"))
}
risks <- function(d) {
  add <- 0.5 * ave(d$x == 0 | d$x == d$n, d$study, FUN = any)
  events <- d$x + add
  size <- d$n + 2 * add
  transform(d, y = d$x / d$n, v = events * (size - events) / size^3)
}
arcsines <- function(d) transform(d, y = asin(sqrt(d$x / d$n)), v = 1 / (4 * d$n))
means <- function(d) transform(d, y = d$mean, v = d$sd^2 / d$n)
# Cohen's d by one standard deviation of all arms of a study, and by the number in all of them.
cohens <- function(d) {
  squares <- ave((d$n - 1) * d$sd^2, d$study, FUN = sum)
  transform(d, y = d$mean / sqrt(squares / ave(d$n - 1, d$study, FUN = sum)))
}
between_means <- function(e) outer(1 / e$n, 1 / e$n, "+") +
  outer(e$y, e$y, "-")^2 / (2 * sum(e$n))

write_network <- function(d, columns, measures, name) {
  d <- d[order(match(d$study, unique(d$study))), ]
  d$arm <- as.character(d$arm)
  # A study in which fewer than two arms have numbers compares nothing.
  whole <- d
  d <- d[complete.cases(d[columns]), ]
  d <- d[ave(seq_along(d$study), d$study, FUN = length) > 1, ]
  write_reference(list(call = paste0("dat.", name), versions = versions, date = "2026-11-23",
    table = c(list(study = as.character(whole$study), treatment = whole$arm),
              setNames(whole[columns], c(x = "events", n = "n", mean = "mean", sd = "sd")[columns])),
    measures = lapply(measures, function(m) if (is.list(m)) fits_of(m$arms(d), m$between) else fits_of(m(d)))),
    "network", "metadat", name)
}

of_counts <- list(OR = log_odds, RR = list(arms = log_risks, between = between_risks), RD = risks,
                  AS = arcsines)
counts <- function(d, study, arm, x, n, name)
  write_network(data.frame(study = d[[study]], arm = d[[arm]], x = d[[x]], n = d[[n]]),
                c("x", "n"), of_counts, name)
counts(dat.baker2009, "study", "treatment", "exac", "total", "baker2009")
counts(dat.dogliotti2014, "id", "treatment", "stroke", "total", "dogliotti2014")
counts(dat.dong2013, "id", "treatment", "death", "randomized", "dong2013")
counts(dat.gurusamy2011, "study", "treatment", "death", "n", "gurusamy2011")
counts(dat.hasselblad1998, "study", "trt", "xi", "ni", "hasselblad1998")
counts(dat.pagliaro1992, "study", "trt", "xi", "ni", "pagliaro1992")
counts(dat.woods2010, "author", "treatment", "r", "N", "woods2010")

continuous <- list(MD = means, SMD = list(arms = cohens, between = between_means))
# Three arms side by side.
long <- function(d, study, arm, columns) {
  out <- do.call(rbind, lapply(1:3, function(i) {
    data.frame(study = as.character(d[[study]]), arm = as.character(d[[paste0(arm, i)]]),
               lapply(columns, function(column) d[[paste0(column, i)]]))
  }))
  out[!is.na(out$arm) & out$arm != "", ]
}
d <- long(dat.linde2015, "id", "treatment", c(x = "resp", n = "n"))
counts(d, "study", "arm", "x", "n", "linde2015")
d <- long(dat.franchini2012, "Study", "Treatment", c(mean = "y", sd = "sd", n = "n"))
write_network(d, c("mean", "sd", "n"), continuous, "franchini2012")
d <- long(dat.stowe2010, "study", "t", c(mean = "y", sd = "sd", n = "n"))
write_network(d[!is.na(d$mean), ], c("mean", "sd", "n"), continuous, "stowe2010")
d <- dat.senn2013
write_network(data.frame(study = d$study, arm = d$treatment, mean = d$mi, sd = d$sdi, n = d$ni),
              c("mean", "sd", "n"), continuous, "senn2013")
# Standardised mean changes of arms with their standard errors; of two arms of one treatment in a
# study nothing is used.
d <- dat.lopez2019
d <- data.frame(study = d$study, arm = d$treatment, y = d$diff, v = d$se^2, se = d$se)
write_reference(list(call = "dat.lopez2019", versions = versions, date = "2026-11-23",
  table = list(study = d$study, treatment = d$arm, diff = d$y, se = d$se),
  measures = list(MD = {
    twice <- ave(duplicated(d[c("study", "arm")]), d$study, FUN = any)
    fits_of(d[!twice & ave(seq_along(d$study), d$study, FUN = length) > 1, ])
  })), "network", "metadat", "lopez2019")

# Networks as multivariate models: contrasts against each study's first arm, fitted by rma.mv
# with the covariance that the shared arm gives, and tau2 (1 + J) / 2 for heterogeneity.
source(file.path("tests", "reference", "common.R"))

contrasts_of <- function(data, arm, study, y, v) {
  out <- list()
  for (s in unique(data[[study]])) {
    d <- data[data[[study]] == s, ]
    for (i in seq_len(nrow(d))[-1]) {
      out[[length(out) + 1]] <- data.frame(study = s, treatment = d[[arm]][i],
        comparator = d[[arm]][1], yi = d[[y]][i] - d[[y]][1], vi = d[[v]][i] + d[[v]][1],
        shared = d[[v]][1])
    }
  }
  do.call(rbind, out)
}

network <- function(d, reference, name, call) {
  treatments <- sort(unique(c(d$treatment, d$comparator)))
  X <- sapply(setdiff(treatments, reference), function(t)
    (d$treatment == t) - (d$comparator == t))
  V <- outer(d$study, d$study, "==") * d$shared
  diag(V) <- d$vi
  d$row <- ave(seq_along(d$study), d$study, FUN = seq_along)
  fits <- lapply(c(REML = "REML", ML = "ML"), function(method)
    rma.mv(yi, V, mods = X, intercept = FALSE, random = ~ factor(row) | study, struct = "CS",
           rho = 0.5, data = d, method = method, sparse = FALSE,
           control = list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-15,
                          maxit = 10000)))
  write_reference(list(call = call, versions = versions, reference = reference,
    treatments = treatments,
    data = d[c("study", "treatment", "comparator", "yi", "vi", "shared")],
    fits = lapply(fits, function(f) list(tau2 = f$tau2, names = colnames(X),
      estimate = as.numeric(f$b), se = as.numeric(f$se), q = as.numeric(f$QE)))), "network", name)
}

d <- dat.hasselblad1998
d$arm <- d$trt
zero <- ave(d$xi == 0, d$study, FUN = any)
d$xi <- d$xi + 0.5 * zero
d$ni <- d$ni + zero
d$y <- log(d$xi / (d$ni - d$xi))
d$v <- 1 / d$xi + 1 / (d$ni - d$xi)
network(contrasts_of(d, "arm", "study", "y", "v"), "no_contact", "smoking_cessation",
  paste("dat.hasselblad1998, half an event and non-event added to every arm of a",
        "study with an arm without events; log odds against the first arm;",
        "rma.mv(yi, V, mods = X, random = ~ row | study, struct = 'CS', rho = 1/2)"))

d <- dat.senn2013
d$v <- d$sdi^2 / d$ni
network(contrasts_of(d, "treatment", "study", "mi", "v"), "placebo", "senn2013_arms",
  "dat.senn2013, mean against the first arm; rma.mv as for smoking_cessation")

# Arms as a table of a report has them, for the sets that netmeta was given as arms.
arms <- function(d, study, treatment, columns, name, call) {
  write_reference(list(call = call, versions = versions,
    arms = c(list(study = as.character(d[[study]]), treatment = as.character(d[[treatment]])),
             lapply(columns, function(column) d[[column]]))), "network", "arms", name)
}
arms(dat.senn2013, "study", "treatment", list(n = "ni", mean = "mi", sd = "sdi"), "senn2013",
     "dat.senn2013")
arms(dat.woods2010, "author", "treatment", list(events = "r", n = "N"), "woods2010",
     "dat.woods2010")
arms(dat.dong2013, "id", "treatment", list(events = "death", n = "randomized"), "dong2013",
     "dat.dong2013")
arms(dat.gurusamy2011, "study", "treatment", list(events = "death", n = "n"), "gurusamy2011",
     "dat.gurusamy2011")

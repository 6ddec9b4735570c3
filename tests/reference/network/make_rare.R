# Rare events: the maximum of Breslow's approximation is that of a Poisson regression on study and
# treatment, the exact conditional likelihood that of conditional logistic regression. How far
# the first is missed by a search with optim's own tolerances from 0, as netmeta's, is kept too.
source(file.path("tests", "reference", "common.R"))
suppressMessages(library(survival))

# Studies with both outcomes, without arms that have one outcome in all studies of their design.
telling <- function(d) {
  d <- d[order(d$study, d$treatment), ]
  both <- ave(d$events, d$study, FUN = sum) > 0 & ave(d$n - d$events, d$study, FUN = sum) > 0
  d <- d[both, ]
  design <- ave(d$treatment, d$study, FUN = function(t) paste(t, collapse = ":"))
  arm <- paste(design, d$treatment)
  d <- d[ave(d$events, arm, FUN = sum) > 0 & ave(d$n - d$events, arm, FUN = sum) > 0, ]
  d[ave(seq_along(d$study), d$study, FUN = length) > 1, ]
}

# Every pair, as treatment against comparator, from the coefficients against the first.
pairs_of <- function(names, b, V) {
  b <- c(0, b)
  V <- rbind(0, cbind(0, V))
  at <- expand.grid(i = seq_along(names), j = seq_along(names))
  at <- at[at$i != at$j, ]
  list(treatment = names[at$i], comparator = names[at$j], estimate = b[at$i] - b[at$j],
       se = sqrt(V[cbind(at$i, at$i)] + V[cbind(at$j, at$j)] - 2 * V[cbind(at$i, at$j)]))
}

searched <- function(d) {
  arms <- as.integer(factor(d$treatment))
  height <- function(x) {
    ahead <- c(0, x[-1])[arms]
    sum(d$events * (log(d$n) + ahead)) -
      sum(tapply(d$events, d$study, sum) * log(tapply(d$n * exp(ahead), d$study, sum)))
  }
  found <- optim(rep(0, max(arms)), height, method = "L-BFGS-B",
                 control = list(fnscale = -1, maxit = 10000))
  diff(range(c(0, found$par[-1] - coef_of(d))))
}

poisson_of <- function(d) {
  glm(events ~ factor(study) + factor(treatment) + offset(log(n)), poisson, d,
      control = glm.control(epsilon = 1e-15, maxit = 200))
}

of_treatment <- function(names) grepl("treatment", names)
coef_of <- function(d) {
  b <- coef(poisson_of(d))
  b[of_treatment(names(b))]
}

one_each <- function(d) {
  rows <- rep(seq_len(nrow(d)), d$n)
  within <- sequence(d$n)
  data.frame(study = d$study[rows], treatment = d$treatment[rows],
             case = as.numeric(within <= d$events[rows]))
}

most <- 100

rare <- function(d, name) {
  d <- telling(d)
  names <- levels(factor(d$treatment))
  fit <- poisson_of(d)
  at <- of_treatment(names(coef(fit)))
  # clogit's sums overflow with hundreds of events in a study.
  few <- telling(d[ave(d$events, d$study, FUN = sum) <= most, ])
  exact <- clogit(case ~ factor(treatment) + strata(study), one_each(few), method = "exact",
                  control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 100))
  write_reference(list(
    call = paste(name, "of metadat; approximate: glm(events ~ study + treatment + offset(log(n)),",
                 "poisson); exact: clogit(case ~ treatment + strata(study), method = 'exact')"),
    versions = c(versions, survival = version_of("survival")),
    data = d[c("study", "treatment", "events", "n")],
    approximate = pairs_of(names, coef(fit)[at], vcov(fit)[at, at]),
    exact = pairs_of(levels(factor(few$treatment)), coef(exact), vcov(exact)),
    exact_most_events = most,
    missed_by_optim = searched(d)), "network", "rare", name)
}

d <- dat.dong2013
rare(data.frame(study = as.character(d$id), treatment = d$treatment, events = d$death,
                n = d$randomized), "dong2013")
d <- dat.gurusamy2011
rare(data.frame(study = d$study, treatment = d$treatment, events = d$death, n = d$n),
     "gurusamy2011")

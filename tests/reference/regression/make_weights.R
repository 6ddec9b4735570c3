# Meta-regressions with weights of one's own. Rscript tests/reference/regression/make_weights.R
source(file.path("tests", "reference", "common.R"))

plain <- function(x) unname(as.vector(x))
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
bcg$size <- bcg$tpos + bcg$tneg + bcg$cpos + bcg$cneg
raudenbush <- dat.raudenbush1985
raudenbush$size <- raudenbush$n1i + raudenbush$n2i
curtis <- escalc(measure = "ROM", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i,
                 n2i = n2i, data = dat.curtis1998)[1:40, ]
curtis$size <- curtis$n1i + curtis$n2i

case <- function(dat, formula, weights, method, test) {
  fit <- suppressWarnings(rma(yi, vi, mods = as.formula(formula), weights = weights, data = dat,
                              method = method, test = test, control = tight(dat$yi)))
  stats <- fit$fit.stats[, if (method == "REML") "REML" else "ML"]
  found <- suppressWarnings(influence(fit))
  far <- suppressWarnings(rstudent(fit))
  pred <- predict(fit)
  list(y = plain(dat$yi), v = plain(dat$vi), X = unname(fit$X), weights = plain(weights),
       method = method, test = test, tau2 = fit$tau2, tau2_se = if (method == "FE") NA else fit$se.tau2,
       b = plain(fit$b), se = plain(fit$se), p = plain(fit$pval), lower = plain(fit$ci.lb),
       upper = plain(fit$ci.ub), vcov = unname(fit$vb), qm = fit$QM, qm_p = fit$QMp, qe = fit$QE,
       intercept_only = fit$int.only, fit = plain(stats),
       rstandard = plain(rstandard(fit)$z), rstudent = plain(far$z), rstudent_se = plain(far$se),
       hat = plain(hatvalues(fit)), share = plain(weights(fit)) / 100,
       dffits = plain(found$inf$dffits), cook = plain(found$inf$cook.d),
       cov_ratio = plain(found$inf$cov.r), tau2_deleted = plain(found$inf$tau2.del),
       q_deleted = plain(found$inf$QE.del), dfbetas = unname(as.matrix(as.data.frame(found$dfbs))),
       pred = list(se = plain(pred$se), lower = plain(pred$pi.lb), upper = plain(pred$pi.ub)))
}

permuted <- function(dat, formula, weights, method, test) {
  fit <- rma(yi, vi, mods = as.formula(formula), weights = weights, data = dat, method = method,
             test = test, control = tight(dat$yi))
  found <- permutest(fit, exact = TRUE, progbar = FALSE)
  list(y = plain(dat$yi), v = plain(dat$vi), X = unname(fit$X), weights = plain(weights),
       method = method, test = test, p = plain(found$pval), qm_p = found$QMp)
}

many <- c(
  lapply(c("REML", "DL", "FE"), function(m) case(bcg, "~ ablat", bcg$size, m, "knha")),
  lapply(c("z", "t", "adhoc"), function(t) case(bcg, "~ ablat + alloc", sqrt(bcg$size), "PM", t)),
  list(case(bcg, "~ ablat", rep(1, 13), "REML", "knha"), case(bcg, "~ 1", bcg$size, "ML", "knha"),
       case(bcg, "~ 1", sqrt(bcg$size), "HE", "z"), case(bcg, "~ 0 + alloc", bcg$size, "REML", "z"),
       case(raudenbush, "~ weeks", raudenbush$size, "REML", "knha"),
       case(raudenbush, "~ weeks + setting", sqrt(raudenbush$size), "SJ", "adhoc"),
       case(curtis, "~ fungrp", curtis$size, "REML", "knha"),
       case(curtis, "~ time", curtis$size, "EB", "t")))
six <- bcg[c(1, 3, 4, 6, 9, 12), ]
write_reference(list(versions = versions, call = "rma(yi, vi, mods=, weights=)", cases = many,
                     permuted = list(permuted(six, "~ ablat", six$size, "DL", "knha"),
                                     permuted(six, "~ ablat + year", sqrt(six$size), "DL", "z"),
                                     permuted(six, "~ 1", sqrt(six$size), "DL", "z"))),
                "regression", "own_weights")

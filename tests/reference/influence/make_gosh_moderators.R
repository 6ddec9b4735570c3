# Meta-regressions in all subsets of the studies by metafor's gosh.
# Rscript tests/reference/influence/make_gosh_moderators.R
source(file.path("tests", "reference", "common.R"))

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)[1:8, ]
raudenbush <- dat.raudenbush1985[1:8, ]

case <- function(dat, formula, method) {
  fit <- rma(yi, vi, mods = as.formula(formula), data = dat, method = method, control = tight(dat$yi))
  found <- suppressWarnings(gosh(fit, progbar = FALSE))
  there <- which(!is.na(found$res[, ncol(found$res)]))
  p <- fit$p
  list(method = method, y = as.numeric(dat$yi), v = as.numeric(dat$vi), X = unname(fit$X),
       members = unname(as.matrix(found$incl[there, ]) * 1), k = found$res$k[there],
       q = found$res$QE[there], i2 = found$res$I2[there] / 100, tau2 = found$res$tau2[there],
       b = unname(as.matrix(found$res[there, ncol(found$res) - (p:1) + 1])))
}
cases <- c(lapply(c("DL", "HE", "PM", "FE"), function(m) case(bcg, "~ ablat", m)),
           list(case(bcg, "~ ablat + I(year - 1966)", "DL"), case(raudenbush, "~ weeks", "DL")))
write_reference(list(versions = versions, call = "gosh(rma(yi, vi, mods=, method=))", cases = cases),
                "influence", "moderators", "gosh")

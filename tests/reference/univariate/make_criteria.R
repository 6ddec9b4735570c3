# Log-likelihoods and information criteria of meta-analyses without moderators.
# Rscript tests/reference/univariate/make_criteria.R
source(file.path("tests", "reference", "common.R"))

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
normand <- escalc(measure = "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i,
                  n2i = n2i, data = dat.normand1999)
hine <- escalc(measure = "RD", n1i = n1i, n2i = n2i, ai = ai, ci = ci, data = dat.hine1989)
sets <- list(bcg = bcg, normand = normand, hine = hine, raudenbush = dat.raudenbush1985,
             two = bcg[1:2, ])

case <- function(dat, name, method, ...) {
  fit <- quietly(rma(yi, vi, data = dat, method = method, control = tight(dat$yi), ...))
  restricted <- fit$fit.stats[, "REML"]
  list(data = name, y = unname(as.vector(dat$yi)), v = unname(as.vector(dat$vi)), method = method,
       weights = if (is.null(fit$weights)) NULL else as.numeric(fit$weights), tau2 = fit$tau2,
       ml = unname(fit$fit.stats[, "ML"]), reml = unname(restricted))
}
cases <- list()
for (name in names(sets)) for (method in c("REML", "ML", "DL", "PM", "FE"))
  cases[[length(cases) + 1]] <- case(sets[[name]], name, method)
cases[[length(cases) + 1]] <- case(bcg, "bcg", "REML", weights = bcg$tpos + bcg$tneg)
cases[[length(cases) + 1]] <- case(bcg, "bcg", "ML", weights = bcg$tpos + bcg$tneg)
write_reference(list(versions = versions, call = "fitstats(rma(yi, vi, method, weights))",
                     rows = c("log-likelihood", "deviance", "AIC", "BIC", "AICc"), cases = cases),
                "univariate", "criteria", "criteria")

# What is asked of single studies of a meta-regression; run from the root of the project.
# Rscript tests/reference/influence/make_regressions.R
source(file.path("tests", "reference", "common.R"))

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
linde <- escalc(measure = "RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.linde2005)
linde <- linde[complete.cases(as.data.frame(linde)[, c("yi", "vi", "baseline", "dosage")]), ]

# baujat() draws what it gives; nothing is to be drawn here.
coordinates <- function(fit) {
  pdf(NULL)
  on.exit(dev.off())
  found <- baujat(fit)
  list(contribution = found$x, influence = found$y)
}
quantiles <- function(fit, type) {
  pdf(NULL)
  on.exit(dev.off())
  found <- qqnorm(fit, type = type, envelope = FALSE)
  list(quantiles = found$x, residuals = found$y)
}
case <- function(name, dat, formula, method, test, weights = NULL) {
  yi <- as.numeric(dat$yi)
  control <- if (method %in% c("DL", "FE")) list() else tight(yi)
  call <- list(yi = yi, vi = as.numeric(dat$vi), mods = as.formula(formula), data = dat,
               method = method, test = test, control = control)
  if (!is.null(weights)) call$weights <- weights
  fit <- do.call(rma, call)
  shrunken <- if (is.null(weights)) {
    found <- blup(fit)
    list(pred = as.numeric(found$pred), se = as.numeric(found$se),
         lower = as.numeric(found$pi.lb), upper = as.numeric(found$pi.ub))
  }
  list(name = name, method = method, test = test, y = yi, v = as.numeric(dat$vi),
       X = unname(fit$X), weights = weights, baujat = coordinates(fit), blup = shrunken,
       standardised = quantiles(fit, "rstandard"), studentised = quantiles(fit, "rstudent"))
}
cases <- list()
for (method in c("FE", "DL", "REML")) for (test in c("z", "knha")) {
  if (method == "FE" && test == "knha") next
  cases <- c(cases, list(case("latitude", bcg, "~ ablat", method, test),
                         case("allocation", bcg, "~ factor(alloc) + ablat", method, test),
                         case("hypericum", linde, "~ baseline + dosage", method, test)))
}
own <- c(bcg$tpos + bcg$tneg) / 1000
cases <- c(cases, list(case("own", bcg, "~ ablat", "REML", "z", own)))
write_reference(list(versions = versions, cases = cases,
                     call = "baujat, blup, qqnorm of rma(yi, vi, mods, method=, test=, weights=)"),
                "influence", "moderators", "single_studies")

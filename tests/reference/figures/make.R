# What metafor's figures draw, as numbers: residuals of a regression in a funnel, weight functions
# of selection models, profiles of variance components.
# Run from the root of the project: Rscript tests/reference/figures/make.R

source(file.path("tests", "reference", "common.R"))
options(warn = 1)
pdf(NULL) # the figures themselves are not kept

sets <- list(
  bcg = list(dat = escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg),
             x = "ablat", measure = "RR"),
  raudenbush1985 = list(dat = dat.raudenbush1985, x = "weeks", measure = "SMD")
)
funnels <- lapply(sets, function(set) {
  d <- set$dat
  d$x <- as.numeric(d[[set$x]])
  fit <- rma(yi, vi, mods = ~ x, data = d, control = tight(d$yi))
  one <- function(type) {
    found <- funnel(fit, type = type)
    list(x = found$x, y = found$y)
  }
  list(yi = as.numeric(d$yi), vi = as.numeric(d$vi), moderator = d$x, measure = set$measure,
       standardised = one("rstandard"), studentised = one("rstudent"))
})

hackshaw <- dat.hackshaw1998
plain <- rma(yi, vi, data = hackshaw, method = "ML", control = tight(hackshaw$yi))
kinds <- list(step = "stepfun", "half-normal" = "halfnorm",
              "negative-exponential" = "negexp", logistic = "logistic", power = "power")
wanted <- c(0.001, 0.02, 0.05, 0.2, 0.45, 0.6, 0.9)
weights <- lapply(kinds, function(type) {
  steps <- if (type == "stepfun") c(0.025, 0.5) else NA
  fit <- selmodel(plain, type = type, steps = steps, alternative = "greater",
                  control = list(optimizer = "nlminb", rel.tol = 1e-10, iter.max = 500,
                                 eval.max = 1000))
  found <- plot(fit, ci = "wald", xlim = c(0, 1), n = 1001)
  at <- sapply(wanted, function(v) which.min(abs(found$xs - v)))
  list(p = found$xs[at], weight = found$ys[at], lower = found$ys.lb[at], upper = found$ys.ub[at])
})

schools <- dat.konstantopoulos2011
levels <- rma.mv(yi, vi, random = ~ 1 | district/school, data = schools,
                 control = list(rel.tol = 1e-12))
profiles <- lapply(1:2, function(i) {
  found <- profile(levels, sigma2 = i, xlim = c(0, 4 * levels$sigma2[i]), steps = 13,
                   plot = FALSE, progbar = FALSE)
  list(values = found$sigma2, drop = found$ll - as.numeric(logLik(levels)))
})

write_reference(list(program = versions, drawn_by = "funnel, plot(selmodel), profile",
                     funnels = funnels,
                     hackshaw1998 = list(yi = as.numeric(hackshaw$yi), vi = hackshaw$vi),
                     weights = weights,
                     konstantopoulos2011 = list(yi = as.numeric(schools$yi),
                                                vi = as.numeric(schools$vi),
                                                district = schools$district,
                                                school = schools$school),
                     profiles = profiles), "figures", "drawn")

# Predictions, and profile-likelihood intervals of variance components.
#
# confint() refits the model at every trial value; its searches are tightened as far as they
# converge, which leaves about 1e-4 of the components.
source(file.path("tests", "reference", "common.R"))
search <- list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-14, maxit = 1e5)
tight_root <- list(tol = 1e-9)
predicted <- function(p) {
  keep <- intersect(c("pred", "se", "ci.lb", "ci.ub", "pi.lb", "pi.ub"), names(p))
  lapply(setNames(keep, keep), function(n) I(as.numeric(p[[n]])))
}
bounds <- function(f, ...) {
  c <- confint(f, ..., control = tight_root)$random
  list(estimate = c[1, "estimate"], lower = c[1, "ci.lb"], upper = c[1, "ci.ub"])
}

d <- dat.konstantopoulos2011
f <- rma.mv(yi, vi, random = ~ 1 | district/school, data = d, control = search)
t <- rma.mv(yi, vi, mods = ~ I((year - 1985) / 10), random = ~ 1 | district/school, data = d,
            control = search, test = "t")
write_reference(list(
  program = versions, data = as.list(d[c("district", "school", "year", "yi", "vi")]),
  mean = predicted(predict(f)), year = predicted(predict(t, newmods = c(-0.9, 0, 1.5))),
  intervals = list(district = bounds(f, sigma2 = 1), school = bounds(f, sigma2 = 2))),
  "multilevel", "intervals", "konstantopoulos2011")

d <- dat.berkey1998
V <- vcalc(vi = 1, cluster = author, rvars = c(v1i, v2i), data = d)
f <- rma.mv(yi, V, mods = ~ outcome - 1, random = ~ outcome | trial, struct = "UN", data = d,
            control = search)
write_reference(list(
  program = versions, data = as.list(d[c("trial", "outcome", "yi")]), V = unname(V),
  levels = predicted(predict(f, newmods = rbind(c(1, 0), c(0, 1)), tau2.levels = c("AL", "PD"))),
  intervals = list(AL = bounds(f, tau2 = 1), PD = bounds(f, tau2 = 2), rho = bounds(f, rho = 1)),
  profile = list(rho = I(profile(f, rho = 1, xlim = c(-0.6, 0.6), steps = 5, plot = FALSE,
                                 progbar = FALSE)$ll))),
  "multilevel", "intervals", "berkey1998")

d <- dat.assink2016
f <- rma.mv(yi, vi, random = ~ 1 | study/esid, data = d, control = search)
write_reference(list(
  program = versions, data = as.list(as.data.frame(d)[c("study", "esid", "yi", "vi")]),
  intervals = list(study = bounds(f, sigma2 = 1), esid = bounds(f, sigma2 = 2))),
  "multilevel", "intervals", "assink2016")

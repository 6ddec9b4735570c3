# Best linear unbiased predictions of the studies' effects; run from the root of the project.

source(file.path("tests", "reference", "common.R"))
options(warn = 1)

sets <- list(
  bcg = escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg),
  raudenbush1985 = dat.raudenbush1985,
  normand1999 = escalc("MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i,
                       n2i = n2i, data = dat.normand1999),
  molloy2014 = escalc("ZCOR", ri = ri, ni = ni, data = dat.molloy2014),
  li2007 = escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.li2007)
)
one <- function(d) {
  yi <- as.numeric(d$yi)
  vi <- as.numeric(d$vi)
  by <- lapply(c(REML = "REML", DL = "DL", PM = "PM"), function(method) {
    control <- if (method == "DL") list() else if (method == "PM") list(tol = 1e-14) else tight(yi)
    fit <- quietly(rma(yi, vi, method = method, control = control))
    found <- blup(fit)
    list(tau2 = fit$tau2, pred = as.numeric(found$pred), se = as.numeric(found$se),
         lower = as.numeric(found$pi.lb), upper = as.numeric(found$pi.ub))
  })
  list(yi = yi, vi = vi, by = by)
}
write_reference(list(program = versions, fits_by = "blup(rma(yi, vi, method))",
                     sets = lapply(sets, one)), "influence", "blup")

# Likelihood-ratio tests of multilevel models by metafor.
# Rscript tests/reference/multilevel/make_comparisons.R
source(file.path("tests", "reference", "common.R"))

search <- list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-15, maxit = 1e5)

# terms: what Osler calls the random terms of the smaller and of the larger model.
case <- function(name, small, large, terms, X, structs = c("", "")) {
  found <- anova(large, small)
  fits <- function(f) as.numeric(f$fit.stats[c("ll", "AIC", "BIC", "AICc"), f$method])
  list(name = name, method = small$method, terms = terms, structs = structs, X = lapply(X, unname),
       y = as.numeric(small$yi), V = unname(as.matrix(small$V)), small = fits(small),
       large = fits(large), statistic = found$LRT, p = found$pval,
       df = found$parms.f - found$parms.r)
}
ones <- function(d) cbind(rep(1, nrow(d)))
fit <- function(d, V, X, random, ...) {
  if (length(random)) quietly(rma.mv(d$yi, V, mods = X, intercept = FALSE, random = random, data = d,
                                     control = search, ...))
  else rma.mv(d$yi, V, mods = X, intercept = FALSE, data = d, ...)
}

k <- dat.konstantopoulos2011
both <- list(~ 1 | district, ~ 1 | study)
year <- cbind(ones(k), (k$year - 1985) / 10)
b <- as.data.frame(dat.berkey1998)
VB <- vcalc(vi = 1, cluster = author, rvars = c(v1i, v2i), data = dat.berkey1998)
XB <- cbind(b$outcome == "AL", b$outcome == "PD") * 1
XY <- cbind(XB, (b$year - 1983) * XB)
inner <- list(~ outcome | trial)
cases <- list(
  case("levels", fit(k, k$vi, ones(k), list(~ 1 | district)), fit(k, k$vi, ones(k), both),
       list("district", c("district", "study")), list(ones(k), ones(k))),
  case("none", fit(k, k$vi, ones(k), list()), fit(k, k$vi, ones(k), both),
       list(character(0), c("district", "study")), list(ones(k), ones(k))),
  case("year", fit(k, k$vi, ones(k), both, method = "ML"), fit(k, k$vi, year, both, method = "ML"),
       list(c("district", "study"), c("district", "study")), list(ones(k), year)),
  case("structure", fit(b, VB, XB, inner, struct = "CS"), fit(b, VB, XB, inner, struct = "UN"),
       list("outcome | trial", "outcome | trial"), list(XB, XB), c("CS", "UN")),
  case("outcomes", fit(b, VB, XB, inner, struct = "UN", method = "ML"),
       fit(b, VB, XY, inner, struct = "UN", method = "ML"),
       list("outcome | trial", "outcome | trial"), list(XB, XY), c("UN", "UN")))
write_reference(list(versions = versions, call = "anova(rma.mv(...), rma.mv(...))", cases = cases,
                     konstantopoulos2011 = list(district = k$district, study = k$study),
                     berkey1998 = list(outcome = b$outcome, trial = b$trial)),
                "multilevel", "comparisons", "comparisons")

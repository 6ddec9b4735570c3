# Robust variances by clubSandwich and by metafor's own robust().
#
# Variance components are given, so that nothing but the robust variance is compared.
source(file.path("tests", "reference", "common.R"))
suppressMessages(library(clubSandwich))
versions$clubSandwich <- version_of("clubSandwich")
kinds <- c("CR0", "CR1", "CR1p", "CR2")

listed <- function(x) if (is.null(x)) NULL else I(x)

# tested: rows of coefficients for the Wald tests.
compared <- function(name, f, cluster, data, tested, model) {
  values <- lapply(setNames(kinds, kinds), function(kind) {
    V <- vcovCR(f, cluster = cluster, type = kind)
    t <- coef_test(f, vcov = V, test = "Satterthwaite")
    wald <- lapply(tested, function(which) {
      w <- Wald_test(f, constraints = constrain_zero(which), vcov = V, test = "HTZ")
      list(which = I(which), f = w$Fstat, df2 = w$df_denom, p = w$p_val)
    })
    list(vcov = unname(as.matrix(V)), se = I(t$SE), df = I(t$df_Satt), p = I(t$p_Satt),
         wald = wald)
  })
  plain <- lapply(list(CR0 = FALSE, CR1p = TRUE), function(adjust) {
    r <- robust(f, cluster = cluster, adjust = adjust)
    list(se = I(r$se), lower = I(r$ci.lb), upper = I(r$ci.ub), p = I(r$pval),
         df = I(rep(r$ddf, length.out = r$p)), qm = r$QM, qm_p = r$QMp)
  })
  write_reference(list(program = versions, name = name, model = model, data = data,
                       cluster = cluster, X = unname(f$X), V = if (is.null(f$V)) NULL else unname(as.matrix(f$V)),
                       sigma2 = listed(f$sigma2), tau2 = listed(f$tau2), rho = listed(f$rho),
                       beta = I(as.numeric(f$beta)), values = values, metafor = plain),
                  "robust", name)
}

d <- dat.konstantopoulos2011
d$decade <- (d$year - 1985) / 10
data <- as.list(d[c("district", "school", "year", "decade", "yi", "vi")])
f <- rma.mv(yi, vi, random = ~ 1 | district/school, data = d, sigma2 = c(0.065, 0.033))
compared("konstantopoulos2011", f, d$district, data, list(1), "nested")
f <- rma.mv(yi, vi, mods = ~ decade + I(decade^2), random = ~ 1 | district/school, data = d,
            sigma2 = c(0.065, 0.033))
compared("konstantopoulos2011_year", f, d$district, data, list(2, 2:3, 1:3), "nested")

d <- dat.assink2016
data <- as.list(as.data.frame(d)[c("study", "esid", "yi", "vi")])
V <- vcalc(vi, cluster = study, obs = esid, rho = 0.6, data = d)
f <- rma.mv(yi, V, mods = ~ deltype + year, random = ~ 1 | study/esid, data = d,
            sigma2 = c(0.08, 0.17))
compared("assink2016", f, d$study, data, list(2:3, 4), "nested")

d <- dat.berkey1998
data <- as.list(d[c("trial", "outcome", "yi")])
V <- vcalc(vi = 1, cluster = author, rvars = c(v1i, v2i), data = d)
f <- rma.mv(yi, V, mods = ~ outcome - 1, random = ~ outcome | trial, struct = "UN", data = d,
            tau2 = c(0.0327, 0.0117), rho = 0.6)
compared("berkey1998", f, d$trial, data, list(1, 1:2), "UN")

d <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
data <- as.list(as.data.frame(d)[c("trial", "ablat", "alloc", "yi", "vi")])
f <- rma(yi, vi, mods = ~ ablat + alloc, data = d, tau2 = 0.15)
compared("bcg", f, d$trial, data, list(2, 3:4, 2:4), "regression")
f <- rma(yi, vi, mods = ~ ablat, data = d, tau2 = 0.15, weights = 1 / (vi + 0.5))
compared("bcg_weights", f, d$alloc, c(data, list(weights = 1 / (d$vi + 0.5))), list(2), "weights")

# Random effects that cross the clusters: metafor only, with the whole weight matrix.
d <- dat.konstantopoulos2011
f <- rma.mv(yi, vi, random = list(~ 1 | district, ~ 1 | year), data = d, sigma2 = c(0.06, 0.01))
r <- robust(f, cluster = d$district)
write_reference(list(program = versions, data = as.list(d[c("district", "year", "yi", "vi")]),
                     sigma2 = c(0.06, 0.01), se = r$se, df = r$ddf, lower = r$ci.lb),
                "robust", "crossed")

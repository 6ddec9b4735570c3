# Residuals and influence of multilevel models by metafor, by study, with components held where
# rma.mv() put them and searched for anew. Rscript tests/reference/multilevel/make_influence.R
source(file.path("tests", "reference", "common.R"))

search <- list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-15, maxit = 1e5)
numbers <- function(x) unname(as.vector(x))

# Deleted residuals of single estimates by definition: dense matrices, covariances with the
# other estimates of the study taken off (README).
one_by_one <- function(f) {
  M <- as.matrix(f$M); X <- f$X; y <- as.vector(f$yi)
  t(sapply(seq_along(y), function(i) {
    others <- M[-i, -i]; Z <- X[-i, , drop = FALSE]
    V <- solve(t(Z) %*% solve(others, Z))
    B <- V %*% t(Z) %*% solve(others)
    x <- X[i, ]
    variance <- M[i, i] + t(x) %*% V %*% x - 2 * t(x) %*% B %*% M[-i, i]
    c(y[i] - x %*% B %*% y[-i], sqrt(variance))
  }))
}

case <- function(name, data, V, X, cluster, random, method = "REML", test = "z", ...) {
  data <- as.data.frame(data)
  f <- quietly(rma.mv(data$yi, V, mods = X, intercept = FALSE, random = random, data = data,
                      method = method, test = test, control = search, ...))
  by <- data[[cluster]]
  whole <- rstandard(f, cluster = by)
  asked <- function(anew) {
    far <- quietly(rstudent(f, cluster = by, reestimate = anew))
    list(deleted = numbers(far$obs$resid), se = numbers(far$obs$se),
         chi2 = numbers(far$cluster$X2), cook = numbers(cooks.distance(f, cluster = by, reestimate = anew)),
         dfbetas = unname(as.matrix(dfbetas(f, cluster = by, reestimate = anew))))
  }
  single <- one_by_one(f)
  write_reference(list(
    versions = versions, name = name, method = method, cluster = as.character(by),
    units = as.character(sort(unique(by))), data = c(list(yi = as.numeric(data$yi)), as.list(data[all.vars(random[[1]])]),
      if (length(random) > 1) as.list(data[unlist(lapply(random[-1], all.vars))])),
    struct = if (f$withG) f$struct[1] else NULL,
    variances = if (is.null(dim(V))) as.numeric(V) else NULL,
    V = if (is.null(dim(V))) NULL else unname(as.matrix(V)), X = unname(as.matrix(X)),
    sigma2 = if (f$withS) I(f$sigma2), tau2 = if (f$withG) I(f$tau2), rho = if (f$withG) I(f$rho),
    residual = numbers(whole$obs$resid), standardised_se = numbers(whole$obs$se),
    chi2 = numbers(whole$cluster$X2), hat = numbers(hatvalues(f)),
    held = asked(FALSE), anew = asked(TRUE),
    single = list(deleted = single[, 1], se = single[, 2],
                  metafor_se = numbers(rstudent(f, reestimate = FALSE)$se),
                  cook = numbers(cooks.distance(f, reestimate = FALSE)),
                  dfbetas = unname(as.matrix(dfbetas(f, reestimate = FALSE))))),
    "multilevel", "influence", name)
}

ones <- function(d) cbind(Intercept = rep(1, nrow(d)))

d <- dat.konstantopoulos2011
d$decade <- (d$year - 1985) / 10
case("konstantopoulos2011", d, d$vi, ones(d), "district", list(~ 1 | district, ~ 1 | study))
case("konstantopoulos2011_year", d, d$vi, cbind(ones(d), d$decade), "district",
     list(~ 1 | district, ~ 1 | study), method = "ML", test = "t")

d <- dat.berkey1998
V <- vcalc(vi = 1, cluster = author, rvars = c(v1i, v2i), data = d)
X <- cbind(AL = d$outcome == "AL", PD = d$outcome == "PD") * 1
case("berkey1998_UN", d, V, X, "trial", list(~ outcome | trial), struct = "UN")
case("berkey1998_CS", d, V, X, "trial", list(~ outcome | trial), struct = "CS")

d <- dat.assink2016[dat.assink2016$study <= 12, ]
d$esid <- seq_len(nrow(d))
case("assink2016", d, d$vi, cbind(ones(d), year = as.numeric(d$year)), "study",
     list(~ 1 | study, ~ 1 | esid))
V <- vcalc(vi, cluster = study, obs = esid, rho = 0.6, data = d)
case("assink2016_correlated", d, V, ones(d), "study", list(~ 1 | study, ~ 1 | esid), test = "t")

d <- reshape(dat.ishak2007, direction = "long", idvar = "study", v.names = c("yi", "vi"),
             varying = list(c(2, 4, 6, 8), c(3, 5, 7, 9)))
d <- d[order(d$study, d$time), ]
d <- d[!is.na(d$yi), ]
d <- d[d$study %in% unique(d$study)[1:20], ]
d$study <- as.character(d$study)
V <- vcalc(vi, cluster = study, time1 = time, phi = 0.97, data = d)
X <- sapply(1:4, function(t) (d$time == t) * 1)
case("ishak2007_HAR", d, V, X, "study", list(~ time | study), struct = "HAR")

d <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.crede2010)
d <- d[!is.na(d$yi), ][1:40, ]
d$row <- seq_len(nrow(d))
case("crede2010", d, d$vi, cbind(ones(d), grade = (d$criterion == "grade") * 1), "studyid",
     list(~ 1 | studyid, ~ 1 | row))

# Regressions from correlations: metafor's matreg with their covariance, least squares on data that
# have these correlations exactly. Rscript tests/reference/regression/make_correlations.R
source(file.path("tests", "reference", "common.R"))

# V in the order of the lower triangle, column by column, which matreg takes.
by_covariance <- function(R, n) {
  V <- rcalc(R, ni = n)$V
  names <- colnames(R)
  lower <- which(lower.tri(R), arr.ind = TRUE)
  key <- paste(names[lower[, 2]], names[lower[, 1]], sep = ".")
  V <- V[key, key]
  p <- ncol(R) - 1
  f <- matreg(p + 1, 1:p, R, V = V)
  list(names = names, n = n, first = names[lower[, 2]], second = names[lower[, 1]],
       r = unname(R[lower.tri(R)]), V = unname(V), b = f$tab$beta, se = f$tab$se, z = f$tab$zval,
       p = f$tab$pval, lower = f$tab$ci.lb, upper = f$tab$ci.ub, vb = unname(f$vb), r2 = f$R2,
       qm = f$QM, qm_p = f$QMp, least_squares = least_squares(R, n))
}
# Data whose correlations are R to rounding, whatever the seed.
least_squares <- function(R, n) {
  set.seed(1)
  Z <- scale(matrix(rnorm(n * ncol(R)), n))
  Z <- scale(Z %*% solve(chol(cor(Z))) %*% chol(R))
  p <- ncol(R) - 1
  s <- summary(lm(Z[, p + 1] ~ Z[, 1:p]))
  found <- s$coefficients[-1, , drop = FALSE]
  list(b = unname(found[, 1]), se = unname(found[, 2]), t = unname(found[, 3]),
       p = unname(found[, 4]), r2 = s$r.squared, f = unname(s$fstatistic[1]),
       f_p = unname(pf(s$fstatistic[1], s$fstatistic[2], s$fstatistic[3], lower.tail = FALSE)))
}
of <- function(names, lower) {
  R <- diag(length(names))
  R[lower.tri(R)] <- lower
  R <- R + t(R) - diag(length(names))
  dimnames(R) <- list(names, names)
  R
}
craft <- dat.craft2003[dat.craft2003$study == 1, ]$ri
cases <- list(
  by_covariance(of(c("a", "b", "c", "y"), c(-.3, .2, .5, .1, -.4, .3)), 100),
  by_covariance(of(c("acog", "asom", "conf", "perf"), craft[c(4, 5, 1, 6, 2, 3)]), 142),
  by_covariance(of(c("x", "y"), 0.4), 30),
  by_covariance(of(c("s", "t", "u", "v", "w"), c(.1, .5, .3, .2, -.2, .4, .1, .6, .3, .5)), 58))
write_reference(list(versions = versions, call = "matreg(y, x, R, V = V); lm()", cases = cases),
                "regression", "from_correlations")

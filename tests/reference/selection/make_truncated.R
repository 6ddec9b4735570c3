# Truncated selection models (metafor 4's "trunc", which 3.8-1 has not): with equal variances by
# metafor's step function, whose cut in p then is a cut in y; else by their likelihood in plain R.
# Rscript tests/reference/selection/make_truncated.R
source(file.path("tests", "reference", "common.R"))
suppressMessages(library(numDeriv))

height_of <- function(y, v, cut, alternative) {
  turn <- if (alternative == "less") -1 else 1
  below <- turn * y <= turn * cut
  function(par) {
    delta <- par[3]; sd <- sqrt(v + par[2])
    other <- pnorm(turn * (cut - par[1]) / sd)
    sum(log(ifelse(below, delta, 1)) + dnorm(y, par[1], sd, log = TRUE) -
          log(1 - other + delta * other))
  }
}
# From a start to where the slope vanishes.
polished <- function(height, par) {
  scaled <- function(x) height(c(x[1], exp(x[2]), exp(x[3])))
  found <- optim(c(par[1], log(par[2:3])), scaled, method = "BFGS",
                 control = list(fnscale = -1, reltol = 1e-14, maxit = 2000))
  par <- c(found$par[1], exp(found$par[2:3]))
  for (i in 1:4) par <- par - solve(hessian(height, par), grad(height, par))
  stopifnot(max(abs(grad(height, par)) * pmax(abs(par), 1e-3)) < 1e-7, par[2:3] > 0)
  par
}
case <- function(name, dat, cut, alternative, equal = FALSE) {
  y <- as.numeric(dat$yi); v <- as.numeric(dat$vi)
  if (equal) v <- rep(mean(v), length(v))
  height <- height_of(y, v, cut, alternative)
  base <- rma(y, v, method = "ML", control = tight(y))
  par <- polished(height, c(as.vector(base$beta), max(base$tau2, 0.02), 0.5))
  by_steps <- NULL
  if (equal) {
    turn <- if (alternative == "less") -1 else 1
    step <- pnorm(turn * cut / sqrt(v[1]), lower.tail = FALSE)
    fit <- suppressWarnings(selmodel(base, type = "stepfun", steps = step, alternative = alternative,
                                     control = list(reltol = 1e-12, maxit = 5000)))
    # The two likelihoods are one.
    at <- c(as.vector(fit$beta), fit$tau2, fit$delta[-1])
    stopifnot(abs(height(at) - as.vector(logLik(fit))) < 1e-7)
    by_steps <- list(par = at, log_likelihood = as.vector(logLik(fit)), lrt = fit$LRT)
  }
  list(name = name, y = y, v = v, cut = cut, alternative = alternative, par = par,
       se = sqrt(diag(solve(-hessian(height, par)))), log_likelihood = height(par),
       unselected = as.vector(logLik(base)), by_steps = by_steps)
}
hackshaw <- dat.hackshaw1998
baskerville <- data.frame(yi = dat.baskerville2012$smd, vi = dat.baskerville2012$se^2)
bangert <- dat.bangertdrowns2004
write_reference(list(versions = versions, call = "selmodel(type = 'stepfun') at equal variances; optim",
  cases = list(case("bangertdrowns2004", bangert, 0, "greater"),
               case("bangertdrowns2004", bangert, 0.2, "greater"),
               case("bangertdrowns2004", bangert, 0.4, "less"),
               case("hackshaw1998", hackshaw, 0, "greater"),
               case("baskerville2012", baskerville, 0.3, "greater"),
               case("bangertdrowns2004", bangert, 0.1, "greater", equal = TRUE),
               case("bangertdrowns2004", bangert, 0.3, "greater", equal = TRUE),
               case("bangertdrowns2004", bangert, 0.4, "less", equal = TRUE))),
  "selection", "truncated", "truncated")

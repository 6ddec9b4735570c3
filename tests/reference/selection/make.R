# Run from the project's root: Rscript tests/reference/selection/make.R
#
# Selection models. Step functions: metafor's selmodel on every data set. Smooth functions:
# selmodel integrates each study anew and takes seconds to minutes a model, so it is run on
# two data sets, and elsewhere the likelihood of the papers is written out here, on
# Gauss-Legendre nodes, climbed from several starts and polished by Newton steps with
# numDeriv; where both are run they must agree. p-curve and p-uniform*: the papers' formulas.
source(file.path("tests", "reference", "common.R"))
source(file.path("tests", "reference", "asymmetry", "data.R"))
suppressMessages(library(numDeriv))

# Nodes and weights of Gauss-Legendre quadrature by the eigenvalues of Jacobi's matrix.
legendre <- local({
  n <- 24
  b <- (1:(n - 1)) / sqrt(4 * (1:(n - 1))^2 - 1)
  m <- matrix(0, n, n); m[cbind(1:(n - 1), 2:n)] <- b; m[cbind(2:n, 1:(n - 1))] <- b
  e <- eigen(m, symmetric = TRUE)
  list(x = e$values, w = 2 * e$vectors[1, ]^2)
})

panels <- function(cuts) {
  half <- diff(cuts) / 2; middle <- cuts[-length(cuts)] + half
  list(x = as.vector(outer(legendre$x, half) + rep(middle, each = 24)),
       w = as.vector(outer(legendre$w, half)))
}

log_weight <- list(
  beta = function(lp, lq, d) (d[1] - 1) * lp + (d[2] - 1) * lq,
  halfnorm = function(lp, lq, d) -d[1] * exp(2 * lp),
  negexp = function(lp, lq, d) -d[1] * exp(lp),
  logistic = function(lp, lq, d) { x <- d[1] * exp(lp); log(2) - x - log1p(exp(-x)) },
  power = function(lp, lq, d) d[1] * lq,
  negexppow = function(lp, lq, d) -d[1] * exp(lp / d[2]))
n_delta <- c(beta = 2, halfnorm = 1, negexp = 1, logistic = 1, power = 1, negexppow = 2)

# The whole problem for one data set and one function; the log-likelihood is a function of
# (mu, tau2, delta).
problem <- function(d, type, alternative) {
  turn <- if (alternative == "less") -1 else 1
  y <- turn * d$yi; s <- sqrt(d$vi); two <- alternative == "two.sided"
  least <- if (type %in% c("beta", "power")) 1e-5 else 0
  top <- if (least > 0) qnorm(least / (1 + two), lower.tail = FALSE) else if (type == "negexppow") 37 else 9.5
  bottom <- if (two) (if (least > 0) qnorm((1 - least) / 2, lower.tail = FALSE) else 0) else
    if (least > 0) -top else -9.5
  cuts <- if (two) c(bottom, exp(seq(log(max(bottom, 1e-6) * 2), log(top), length.out = 14))) else
    seq(bottom, top, length.out = ceiling((top - bottom) / 2.5) + 1)
  nodes <- panels(cuts)
  logs <- function(z) {
    if (!two) return(list(p = pnorm(-z, log.p = TRUE), q = pnorm(z, log.p = TRUE)))
    p <- log(2) + pnorm(-abs(z), log.p = TRUE)
    list(p = p, q = log(pchisq(z^2, 1)))
  }
  z <- y / s
  held <- if (two) pmin(pmax(abs(z), bottom), top) else pmin(pmax(z, bottom), top)
  at_data <- logs(held); at_nodes <- logs(nodes$x); at_ends <- logs(c(bottom, top))
  value <- log_weight[[type]]
  tail_above <- function(b, m, sg) pnorm(b, m, sg, lower.tail = FALSE) +
    if (two) pnorm(-b, m, sg) else 0
  function(par) {
    mu <- turn * par[1]; tau2 <- par[2]; delta <- par[-(1:2)]
    m <- mu / s; sg <- sqrt(1 + tau2 / s^2)
    f <- matrix(dnorm(rep(nodes$x, each = length(m)), m, sg), length(m))
    if (two) f <- f + matrix(dnorm(rep(-nodes$x, each = length(m)), m, sg), length(m))
    ends <- exp(value(at_ends$p, at_ends$q, delta))
    a <- drop(f %*% (nodes$w * exp(value(at_nodes$p, at_nodes$q, delta)))) +
      ends[2] * tail_above(top, m, sg) + ends[1] * (1 - tail_above(bottom, m, sg))
    sum(value(at_data$p, at_data$q, delta) + dnorm(y, mu, sqrt(s^2 + tau2), log = TRUE) - log(a))
  }
}

# Climbed in logs of tau2 and delta from several starts, then Newton steps as they are.
climbed <- function(d, type, alternative) {
  height <- problem(d, type, alternative)
  base <- quietly(rma(d$yi, d$vi, method = "ML", control = tight(d$yi)))
  back <- function(t) c(t[1], exp(t[-1]))
  loss <- function(t) { v <- -height(back(t)); if (is.finite(v)) v else 1e10 }
  deltas <- if (n_delta[type] == 2) list(c(1, 1), c(0.5, 1), c(0.7, 2.5), c(3, 2), c(5, 1)) else
    list(0.3, 2, 10)
  starts <- unlist(lapply(deltas, function(dl) lapply(c(1, 0.3), function(share)
    c(share * as.vector(base$beta), log(max(base$tau2, 0.02 * mean(d$vi))), log(dl)))), recursive = FALSE)
  heights <- sapply(starts, loss)
  starts <- starts[order(heights)][1:2]
  lower <- c(-Inf, log(1e-10 * mean(d$vi)), rep(log(1e-5), n_delta[type]))
  upper <- c(Inf, Inf, rep(log(100), n_delta[type]))
  fits <- lapply(starts, function(st) suppressWarnings(nlminb(st, loss, lower = lower, upper = upper,
    control = list(rel.tol = 1e-14, iter.max = 500, eval.max = 1000))))
  best <- fits[[which.min(sapply(fits, function(f) f$objective))]]
  inside <- best$par > lower + 1e-3 & best$par < upper - 1e-3
  par <- back(best$par)
  # Near 0 is at 0 where that is higher.
  par[2] <- if (inside[2]) par[2] else 0
  for (j in seq_along(par)[-(1:2)]) if (!inside[j])
    par[j] <- if (type == "beta" && par[j] < 1e-3) 1e-5 else round(par[j], 4)
  part <- function(x) { p <- par; p[inside] <- x; height(p) }
  for (i in 1:2) {
    g <- grad(part, par[inside]); h <- hessian(part, par[inside])
    new <- par[inside] - solve(h, g)
    if (all(is.finite(new)) && part(new) >= part(par[inside]) - 1e-9) par[inside] <- new
  }
  h <- hessian(part, par[inside])
  se <- rep(NA, length(par)); se[inside] <- sqrt(pmax(diag(solve(-h)), 0))
  list(type = type, alternative = alternative, par = par, se = se, log_likelihood = height(par),
       unselected = as.vector(logLik(base)), inside = inside,
       gradient = max(abs(grad(part, par[inside])) * pmax(abs(par[inside]), 1e-3)))
}

by_metafor <- function(d, type, alternative) {
  base <- quietly(rma(yi, vi, data = d, method = "ML", control = tight(d$yi)))
  fit <- selmodel(base, type = type, alternative = alternative)
  list(par = c(as.vector(fit$beta), fit$tau2, fit$delta), log_likelihood = as.vector(logLik(fit)),
       se = c(fit$se, fit$se.tau2, fit$se.delta))
}

# Steps by metafor, polished: its likelihood is simple enough to be written out.
step_height <- function(d, steps, alternative, X = NULL) {
  turn <- if (alternative == "less") -1 else 1
  two <- alternative == "two.sided"
  y <- turn * d$yi; s <- sqrt(d$vi); z <- y / s
  if (is.null(X)) X <- cbind(rep(1, length(y)))
  p <- if (two) 2 * pnorm(-abs(z)) else pnorm(-z)
  which <- findInterval(p, steps, left.open = TRUE) + 1
  cut <- qnorm(steps / (1 + two), lower.tail = FALSE)
  q <- ncol(X)
  function(par) {
    mu <- turn * drop(X %*% par[1:q]); tau2 <- par[q + 1]; delta <- c(1, par[-(1:(q + 1))])
    m <- mu / s; sg <- sqrt(1 + tau2 / s^2)
    above <- sapply(cut, function(b) pnorm(b, m, sg, lower.tail = FALSE) +
                      if (two) pnorm(-b, m, sg) else 0)
    cells <- cbind(above, 1) - cbind(0, above)
    sum(log(delta[which]) + dnorm(y, mu, sqrt(s^2 + tau2), log = TRUE) -
          log(drop(cells %*% delta)))
  }
}

stepped <- function(d, steps, alternative, method = "ML") {
  turn <- if (alternative == "less") -1 else 1
  z <- turn * d$yi / sqrt(d$vi)
  p <- if (alternative == "two.sided") 2 * pnorm(-abs(z)) else pnorm(-z)
  counts <- tabulate(findInterval(p, steps, left.open = TRUE) + 1, length(steps) + 1)
  if (any(counts == 0)) return(NULL)
  base <- quietly(rma(yi, vi, data = d, method = method, control = tight(d$yi)))
  fit <- tryCatch(suppressWarnings(selmodel(base, type = "stepfun", steps = steps,
    alternative = alternative, control = list(reltol = 1e-12, maxit = 5000))), error = function(e) NULL)
  if (is.null(fit)) return(NULL)
  height <- step_height(d, steps, alternative)
  par <- c(as.vector(fit$beta), fit$tau2, fit$delta[-1])
  stopifnot(abs(height(par) - as.vector(logLik(fit))) < 1e-7)
  inside <- c(TRUE, method != "EE" && par[2] > 1e-4 * mean(d$vi), par[-(1:2)] < 99.9)
  if (method != "EE" && !inside[2]) {
    zero <- par; zero[2] <- 0
    if (height(zero) >= height(par) - 1e-7) par <- zero else inside[2] <- TRUE
  }
  part <- function(x) { q <- par; q[inside] <- x; height(q) }
  for (i in 1:3) {
    g <- grad(part, par[inside]); h <- hessian(part, par[inside])
    new <- tryCatch(par[inside] - solve(h, g), error = function(e) par[inside])
    if (all(is.finite(new)) && all(new[-1] > 0) && isTRUE(part(new) >= part(par[inside]) - 1e-9)) par[inside] <- new
  }
  se <- rep(NA, length(par))
  covariance <- tryCatch(solve(-hessian(part, par[inside])), error = function(e) NULL)
  if (!is.null(covariance)) se[inside] <- suppressWarnings(sqrt(diag(covariance)))
  se[is.nan(se)] <- NA
  list(steps = as.list(steps), alternative = alternative, method = method, par = par, se = se,
       counts = counts, log_likelihood = height(par), inside = inside,
       gradient = max(abs(grad(part, par[inside])) * pmax(abs(par[inside]), 1e-3)),
       metafor = list(par = c(as.vector(fit$beta), fit$tau2, fit$delta[-1]),
                      log_likelihood = as.vector(logLik(fit)), lrt = fit$LRT, lrt_p = fit$LRTp))
}

steps_of <- function(d) {
  calls <- list(list(0.025, "greater"), list(0.025, "less"), list(c(0.025, 0.5), "greater"),
                list(c(0.025, 0.5), "less"), list(0.05, "two.sided"),
                list(c(0.025, 0.1, 0.5), "greater"))
  found <- lapply(calls, function(call) stepped(d, call[[1]], call[[2]]))
  found <- c(found, list(stepped(d, 0.025, "greater", "EE"), stepped(d, 0.025, "less", "EE")))
  Filter(Negate(is.null), found)
}

# A priori weights of Vevea and Woods (2005), table 1.
woods <- list(
  steps = c(0.005, 0.01, 0.05, 0.10, 0.25, 0.35, 0.50, 0.65, 0.75, 0.90, 0.95, 0.99, 0.995, 1),
  moderate_one = c(1, 0.99, 0.95, 0.80, 0.75, 0.65, 0.60, 0.55, 0.50, 0.50, 0.50, 0.50, 0.50, 0.50),
  severe_one = c(1, 0.99, 0.90, 0.75, 0.60, 0.50, 0.40, 0.35, 0.30, 0.25, 0.10, 0.10, 0.10, 0.10),
  moderate_two = c(1, 0.99, 0.95, 0.90, 0.80, 0.75, 0.60, 0.60, 0.75, 0.80, 0.90, 0.95, 0.99, 1.00),
  severe_two = c(1, 0.99, 0.90, 0.75, 0.60, 0.50, 0.25, 0.25, 0.50, 0.60, 0.75, 0.90, 0.99, 1.00))

fixed_weights <- function(d) {
  base <- quietly(rma(yi, vi, data = d, method = "ML", control = tight(d$yi)))
  height <- step_height(d, woods$steps[-14], "greater")
  lapply(woods[-1], function(delta) {
    fit <- selmodel(base, type = "stepfun", steps = woods$steps, delta = delta)
    of <- function(x) height(c(x, delta[-1]))
    par <- c(as.vector(fit$beta), fit$tau2)
    stopifnot(abs(of(par) - as.vector(logLik(fit))) < 1e-7)
    for (i in 1:4) par <- par - solve(hessian(of, par), grad(of, par))
    stopifnot(of(par) >= as.vector(logLik(fit)) - 1e-9, par[2] > 0)
    list(delta = delta, estimate = par[1], tau2 = par[2], log_likelihood = of(par),
         se = sqrt(diag(solve(-hessian(of, par))))[1])
  })
}

# Simonsohn, Nelson & Simmons (2014, 2015), with z-values as chi-squared of 1 df.
p_curve <- function(d) {
  z <- abs(d$yi) / sqrt(d$vi)
  z <- z[2 * pnorm(-z) < 0.05]
  if (!length(z)) return(list(significant = 0))
  # The upper tail of noncentral chi-squared of 1 df, root of the noncentrality s.
  beyond <- function(x, s) pnorm(s - x) + pnorm(-s - x)
  critical <- qnorm(0.975)
  root_of <- function(power) uniroot(function(s) beyond(critical, s) - power, c(0, 10),
                                     tol = 1e-15)$root
  # From chances of a larger value, which keep their figures near 0.
  stouffer <- function(upper) -sum(qnorm(pmin(pmax(upper, 2.2e-16), 1 - 2.2e-16))) / sqrt(length(upper))
  p <- 2 * pnorm(-z)
  half <- p < 0.025
  flat <- function(x, low) {
    s <- root_of(1 / 3)
    stouffer(beyond(x, s) / beyond(low, s))
  }
  at <- function(power) {
    s <- root_of(power)
    stouffer(beyond(z, s) / power)
  }
  power_where <- function(aim) {
    f <- function(power) at(power) - aim
    if (f(0.0500001) < 0) return(0.05)
    if (f(0.99) > 0) return(0.99)
    uniroot(f, c(0.0500001, 0.99), tol = 1e-13)$root
  }
  list(significant = length(z), half = sum(half), skew_full = -stouffer(p / 0.05),
       skew_half = if (any(half)) -stouffer(p[half] / 0.025) else NA,
       flat_full = flat(z, critical),
       flat_half = if (any(half)) flat(z[half], qnorm(0.9875)) else NA,
       power = power_where(0), power_lower = power_where(qnorm(0.95)),
       power_upper = power_where(-qnorm(0.95)))
}

# van Aert & van Assen: densities truncated to being significant, or not.
p_uniform_star <- function(d, side) {
  turn <- if (side == "left") -1 else 1
  y <- turn * d$yi; v <- d$vi
  cut <- qnorm(0.025, lower.tail = FALSE) * sqrt(v)
  sig <- y > cut
  if (!any(sig)) return(NULL)
  height <- function(par) {
    s <- sqrt(v + par[2])
    sum(dnorm(y, par[1], s, log = TRUE) -
          ifelse(sig, pnorm(cut, par[1], s, lower.tail = FALSE, log.p = TRUE),
                 pnorm(cut, par[1], s, log.p = TRUE)))
  }
  loss <- function(t) { v <- -height(c(t[1], exp(t[2]))); if (is.finite(v)) v else 1e10 }
  base <- rma(y, v, method = "ML", control = tight(y))
  starts <- expand.grid(m = c(base$beta, 0, base$beta / 2), t = log(c(max(base$tau2, 1e-4), mean(v) / 10)))
  fits <- apply(starts, 1, function(st) suppressWarnings(nlminb(st, loss, lower = c(-Inf, log(1e-9)),
                control = list(rel.tol = 1e-15, iter.max = 500))), simplify = FALSE)
  best <- fits[[which.min(sapply(fits, function(f) f$objective))]]
  par <- c(best$par[1], exp(best$par[2]))
  zero <- function(tau2) height(c(0, tau2))
  at_zero <- max(sapply(c(0.001, 0.05, 1, 20) * mean(v), function(t) {
    -suppressWarnings(nlminb(log(t), function(l) -zero(exp(l)), lower = log(1e-9)))$objective }))
  common <- -suppressWarnings(nlminb(par[1], function(m) -height(c(m, 0))))$objective
  list(side = side, estimate = turn * par[1], tau2 = if (par[2] < 1e-7) 0 else par[2],
       log_likelihood = max(-best$objective, common), effect_lr = 2 * (max(-best$objective, common) - max(at_zero, zero(0))),
       tau2_lr = max(0, 2 * (-best$objective - common)), significant = sum(sig))
}

smooth_on <- c("baskerville2012", "hackshaw1998", "hahn2001", "raudenbush1985", "cohen1981",
               "egger2001", "molloy2014", "dorn2007")
metafor_on <- c("hahn2001", "molloy2014")

values_of <- function(name) {
  d <- data_sets[[name]]
  favoured <- if (mean(d$yi / sqrt(d$vi)) < 0) "less" else "greater"
  out <- list(name = name, versions = versions, data = d, steps = steps_of(d), p_curve = p_curve(d),
              p_uniform = p_uniform_star(d, if (favoured == "less") "left" else "right"))
  if (name == "cohen1981") out$fixed <- fixed_weights(d)
  if (name %in% smooth_on) {
    out$smooth <- lapply(names(log_weight), function(type) climbed(d, type, favoured))
    if (name %in% c("hahn2001", "egger2001"))
      out$smooth <- c(out$smooth, lapply(c("halfnorm", "negexp", "power"), function(type) climbed(d, type, "two.sided")))
  }
  if (name %in% metafor_on) {
    out$metafor <- lapply(c("halfnorm", "negexp", "logistic"), function(type)
      c(list(type = type, alternative = favoured), by_metafor(d, type, favoured)))
  }
  out
}

for (name in names(data_sets)) {
  time <- system.time(values <- values_of(name))[["elapsed"]]
  message(name, " ", round(time, 1))
  write_reference(values, "selection", name)
}

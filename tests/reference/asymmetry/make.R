# Run from the project's root: Rscript tests/reference/asymmetry/make.R
#
# metafor's regtest, ranktest, trimfill, fsn and tes; and, where metafor has nothing (Peters,
# Macaskill, Harbord, Deeks, Pustejovsky-Rodgers, arcsine, PET-PEESE, UWLS, WAAP, limit
# meta-analysis, Schwarzer, general fail-safe N), the formula of the paper by lm() and base R.
source(file.path("tests", "reference", "common.R"))
source(file.path("tests", "reference", "asymmetry", "data.R"))

predictors <- c(se = "sei", variance = "vi", n = "ni", "1/n" = "ninv", "sqrt(n)" = "sqrtni",
                "1/sqrt(n)" = "sqrtninv")
methods <- c(REML = "REML", ML = "ML", DL = "DL", HE = "HE", PM = "PM", FE = "FE")

numbers_of_test <- function(test, fit, slope) {
  b <- coef(summary(fit))
  list(statistic = test$zval, p_value = test$pval, slope = b[slope, 1], se = b[slope, 2],
       limit = if (is.null(test$est)) NA else as.vector(test$est),
       limit_lower = if (is.null(test$ci.lb)) NA else test$ci.lb,
       limit_upper = if (is.null(test$ci.ub)) NA else test$ci.ub)
}

# Scoring stops at the maximum its start leads to, or at 0 where a step is too long. The
# likelihood is scanned, and the model fitted again at a higher point where there is one.
at_the_highest <- function(fit, d, x, method) {
  X <- cbind(1, x)
  height <- function(tau2) {
    w <- 1 / (d$vi + tau2)
    r <- lm.wfit(X, d$yi, w)$residuals
    value <- 0.5 * sum(log(w)) - 0.5 * sum(w * r^2)
    if (method == "REML") value <- value - 0.5 * log(det(crossprod(X, w * X)))
    value
  }
  grid <- c(0, exp(seq(log(min(d$vi) * 1e-4), log(10 * var(d$yi)), length.out = 150)))
  heights <- sapply(grid, height)
  top <- which.max(heights)
  if (heights[top] <= height(fit$tau2) + 1e-8) return(fit)
  best <- optimize(height, grid[c(max(1, top - 1), min(length(grid), top + 1))],
                   maximum = TRUE, tol = 1e-14)$maximum
  score <- function(tau2) {
    w <- 1 / (d$vi + tau2)
    r <- lm.wfit(X, d$yi, w)$residuals
    p <- if (method == "ML") sum(w) else
      sum(w) - sum(diag(solve(crossprod(X, w * X), crossprod(X, w^2 * X))))
    sum(w^2 * r^2) - p
  }
  best <- uniroot(score, best * c(0.99, 1.01), tol = 1e-15)$root
  quietly(rma(d$yi, d$vi, mods = cbind(x), tau2 = best))
}

regressions <- function(d) {
  out <- list()
  for (name in names(predictors)) {
    if (is.null(d$ni) && !name %in% c("se", "variance")) next
    ni <- if (is.null(d$ni)) rep(100, length(d$yi)) else d$ni
    test <- regtest(d$yi, d$vi, ni = ni, model = "lm", predictor = predictors[[name]],
                    ret.fit = TRUE)
    out[[name]] <- list(multiplicative = numbers_of_test(test, test$fit, 2))
    x <- switch(name, se = sqrt(d$vi), variance = d$vi, n = d$ni, "1/n" = 1 / d$ni,
                "sqrt(n)" = sqrt(d$ni), "1/sqrt(n)" = 1 / sqrt(d$ni))
    for (method in methods) {
      if (!name %in% c("se", "1/n") && method != "REML") next
      # The model regtest fits, fitted directly so that its control can be tightened.
      own <- quietly(rma(d$yi, d$vi, mods = cbind(x), method = method, control = tight(d$yi)))
      if (method %in% c("REML", "ML")) own <- at_the_highest(own, d, x, method)
      out[[name]][[method]] <- list(statistic = own$zval[2], p_value = own$pval[2],
        slope = own$beta[2], se = own$se[2], limit = own$beta[1], limit_lower = own$ci.lb[1],
        limit_upper = own$ci.ub[1], tau2 = own$tau2)
    }
    if (name == "se") {
      own <- quietly(rma(d$yi, d$vi, mods = cbind(x), test = "knha", control = tight(d$yi)))
      out[[name]]$HKSJ <- list(statistic = own$zval[2], p_value = own$pval[2],
        slope = own$beta[2], se = own$se[2], limit = own$beta[1], limit_lower = own$ci.lb[1],
        limit_upper = own$ci.ub[1], tau2 = own$tau2)
    }
  }
  out
}

# metafor's own test on a fitted model, with its tightened control, must agree with the model
# fitted directly.
checked_against_regtest <- function(d, found) {
  fit <- quietly(rma(yi, vi, data = d, method = "REML", control = tight(d$yi)))
  test <- quietly(regtest(fit, predictor = "sei"))
  stopifnot(isTRUE(all.equal(as.vector(test$zval), found$se$REML$statistic, tolerance = 1e-8)))
}

by_lm <- function(y, x, w) {
  fit <- lm(y ~ x, weights = w)
  b <- coef(summary(fit))
  interval <- confint(fit)
  list(slope = b[2, 1], se = b[2, 2], statistic = b[2, 3], p_value = b[2, 4], limit = b[1, 1],
       limit_lower = interval[1, 1], limit_upper = interval[1, 2])
}

count_tests <- function(d) {
  # As doubles: products of counts overflow R's integers.
  a <- as.numeric(d$counts$events_treated); n1 <- as.numeric(d$counts$n_treated)
  c <- as.numeric(d$counts$events_control); n2 <- as.numeric(d$counts$n_control)
  n <- n1 + n2; s <- a + c; f <- n - s
  if (any(s == 0 | f == 0)) return(NULL)
  information <- n1 * n2 * s * f / (n^2 * (n - 1))
  z <- a - s * n1 / n
  ess <- 4 * n1 * n2 / n
  as_v <- 1 / (4 * n1) + 1 / (4 * n2)
  as_y <- asin(sqrt(a / n1)) - asin(sqrt(c / n2))
  list(peters = by_lm(d$yi, 1 / n, s * f / n),
       macaskill = by_lm(d$yi, n, s * f / n),
       harbord = by_lm(z / information, 1 / sqrt(information), information),
       deeks = by_lm(d$yi, 1 / sqrt(ess), ess),
       arcsine = by_lm(as_y, sqrt(as_v), 1 / as_v),
       schwarzer = schwarzer(a, n1, c, n2))
}

# Moments of the noncentral hypergeometric distribution by summing over its support.
schwarzer <- function(a, n1, c, n2) {
  n <- n1 + n2
  odds <- sum(a * (n2 - c) / n) / sum(c * (n1 - a) / n)
  moments <- mapply(function(n1, n2, m) {
    x <- max(0, m - n2):min(n1, m)
    logs <- lchoose(n1, x) + lchoose(n2, m - x) + x * log(odds)
    p <- exp(logs - max(logs)); p <- p / sum(p)
    c(sum(p * x), sum(p * x^2) - sum(p * x)^2)
  }, n1, n2, a + c)
  test <- suppressWarnings(cor.test((a - moments[1, ]) / sqrt(moments[2, ]), 1 / moments[2, ],
                                    method = "kendall", exact = TRUE))
  list(tau = unname(test$estimate), p_value = test$p.value)
}

size_tests <- function(d) {
  sizes <- if (is.null(d$sizes)) d$counts else d$sizes
  if (is.null(sizes)) return(NULL)
  w <- 1 / sizes$n_treated + 1 / sizes$n_control
  list(pustejovsky_rodgers = by_lm(d$yi, sqrt(w), 1 / w))
}

trimmed <- function(d) {
  out <- list()
  for (method in c("FE", "DL", "REML")) {
    fit <- quietly(rma(yi, vi, data = d, method = method, control = tight(d$yi)))
    sides <- if (method == "DL") c("auto", "left", "right") else "auto"
    for (estimator in c("L0", "R0", "Q0")) for (side in sides) {
      args <- list(fit, estimator = estimator, control = tight(d$yi))
      if (side != "auto") args$side <- side
      # Where trimming goes round in a ring metafor stops after 100 rounds with an error.
      tf <- tryCatch(quietly(suppressWarnings(do.call(trimfill, args))), error = function(e) NULL)
      if (is.null(tf)) next
      out[[paste(method, estimator, side, sep = "_")]] <- list(
        missing = tf$k0, missing_se = tf$se.k0, p_value = tf$p.k0, side = tf$side,
        estimate = as.vector(tf$beta), se = tf$se, lower = tf$ci.lb, upper = tf$ci.ub,
        tau2 = tf$tau2, q = tf$QE, filled = as.vector(tf$yi)[tf$fill])
    }
  }
  out
}

fail_safe <- function(d) {
  target <- log(1.05) * sign(mean(d$yi))
  number <- function(...) suppressWarnings(fsn(d$yi, d$vi, ...))
  list(rosenthal = number()[c("fsnum", "pval")],
       rosenthal_01 = number(alpha = 0.01)[c("fsnum", "pval")],
       orwin = number(type = "Orwin")[c("fsnum", "meanes", "target")],
       orwin_target = number(type = "Orwin", target = target)[c("fsnum", "meanes", "target")],
       orwin_weighted = number(type = "Orwin", weighted = TRUE,
                               target = target)[c("fsnum", "meanes", "target")],
       rosenberg = number(type = "Rosenberg")[c("fsnum", "pval", "meanes")])
}

excess <- function(d) {
  one <- function(...) {
    t <- suppressWarnings(tes(d$yi, d$vi, progbar = FALSE, ...))
    list(observed = t$O, expected = t$E, p_value = t$pval, theta = t$theta, statistic = t$X2,
         limit = if (is.null(t$theta.lim)) NA else t$theta.lim[1], power = as.vector(t$power))
  }
  tau2 <- rma(yi, vi, data = d, method = "DL")$tau2
  out <- list(tau2 = tau2, chi2 = one(test = "chi2"), binom = one(test = "binom"),
       greater = one(test = "chi2", alternative = "greater"),
       less = one(test = "chi2", tes.alternative = "less"),
       two_sided = one(test = "chi2", tes.alternative = "two.sided"),
       at_zero = one(test = "chi2", theta = 0),
       random = one(test = "chi2", tau2 = tau2), alpha_01 = one(test = "chi2", alpha = 0.01))
  if (length(d$yi) <= 16) out$exact <- one(test = "exact")
  out
}

pet_peese <- function(d) {
  line <- function(x) {
    fit <- lm(d$yi ~ x, weights = 1 / d$vi)
    b <- coef(summary(fit)); interval <- confint(fit)
    list(estimate = b[1, 1], se = b[1, 2], statistic = b[1, 3], p_value = b[1, 4],
         lower = interval[1, 1], upper = interval[1, 2], slope = b[2, 1], slope_p = b[2, 4])
  }
  list(pet = line(sqrt(d$vi)), peese = line(d$vi))
}

uwls <- function(y, v) {
  fit <- lm(y ~ 1, weights = 1 / v)
  b <- coef(summary(fit)); interval <- confint(fit)
  list(estimate = b[1, 1], se = b[1, 2], p_value = b[1, 4], lower = interval[1],
       upper = interval[2], k = length(y))
}

waap <- function(d) {
  all <- uwls(d$yi, d$vi)
  powered <- sqrt(d$vi) < abs(all$estimate) / 2.8
  list(uwls = all, powered = sum(powered),
       waap = if (sum(powered) >= 2) uwls(d$yi[powered], d$vi[powered]) else all)
}

# Ruecker et al. (2011), equations of the radial plot in the random-effects model.
limits <- function(d) {
  out <- list()
  for (method in c("DL", "REML", "PM")) {
    fit <- quietly(rma(yi, vi, data = d, method = method, control = tight(d$yi)))
    tau2 <- fit$tau2
    x <- 1 / sqrt(d$vi + tau2)
    z <- d$yi * x
    line <- lm(z ~ x)
    alpha <- unname(coef(line)[1]); beta <- unname(coef(line)[2])
    inverse <- solve(crossprod(cbind(1, x)))
    contrast <- c(sqrt(tau2), 1)
    q <- sum((d$yi - weighted.mean(d$yi, 1 / d$vi))^2 / d$vi)
    residual <- sum(resid(lm(I(d$yi / sqrt(d$vi)) ~ I(1 / sqrt(d$vi))))^2)
    adjusted <- beta + sqrt(tau2) * alpha
    limit <- adjusted + sqrt(tau2 / (d$vi + tau2)) * (d$yi - adjusted)
    out[[method]] <- list(tau2 = tau2, alpha = alpha, beta = beta, estimate = adjusted,
      se = sqrt(drop(contrast %*% inverse %*% contrast)), se_slope = sqrt(inverse[2, 2]),
      q = q, q_residual = residual, limits = limit)
  }
  out
}

# Fail-safe N of a random-effects model: null studies with the harmonic mean of the variances.
# By the sums themselves: rma makes a matrix of studies by studies, too slow for thousands.
p_random <- function(y, v) {
  w <- 1 / v
  q <- sum(w * (y - sum(w * y) / sum(w))^2)
  tau2 <- max(0, (q - (length(y) - 1)) / (sum(w) - sum(w^2) / sum(w)))
  w <- 1 / (v + tau2)
  2 * pnorm(-abs(sum(w * y) / sqrt(sum(w))))
}

general <- function(d) {
  harmonic <- 1 / mean(1 / d$vi)
  p <- function(n) p_random(c(d$yi, rep(0, n)), c(d$vi, rep(harmonic, n)))
  if (p(0) >= 0.05) return(0)
  low <- 0; high <- 1
  while (p(high) < 0.05) { low <- high; high <- 2 * high }
  while (high - low > 1) {
    middle <- (low + high) %/% 2
    if (p(middle) < 0.05) low <- middle else high <- middle
  }
  high
}

values_of <- function(name) {
  d <- data_sets[[name]]
  rank <- suppressWarnings(ranktest(d$yi, d$vi))
  found <- regressions(d)
  checked_against_regtest(d, found)
  out <- list(name = name, versions = versions, data = d, regressions = found,
    counts = if (is.null(d$counts)) NULL else count_tests(d), sizes = size_tests(d),
    rank = list(tau = unname(rank$tau), p_value = rank$pval), trim_and_fill = trimmed(d),
    fail_safe = fail_safe(d), excess = excess(d), pet_peese = pet_peese(d), waap = waap(d),
    limit = limits(d))
  out$general <- general(d)
  out
}

for (name in names(data_sets)) write_reference(values_of(name), "asymmetry", name)

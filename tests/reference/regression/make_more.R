# What is made beside the grid of make.R: permutation tests, comparisons, models without intercept,
# location-scale models. Rscript tests/reference/regression/make_more.R
source(file.path("tests", "reference", "common.R"))

plain <- function(x) unname(as.vector(x))
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
curtis <- escalc(measure = "ROM", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i,
                 n2i = n2i, data = dat.curtis1998)
craft <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.craft2003)

# Permutation tests over all arrangements, and over all signs without moderators.
permuted <- function(dat, formula, method, test) {
  fit <- rma(yi, vi, mods = as.formula(formula), data = dat, method = method, test = test,
             control = tight(dat$yi))
  found <- permutest(fit, exact = TRUE, progbar = FALSE)
  list(formula = sub("^~ *", "", formula), y = plain(dat$yi), v = plain(dat$vi), X = unname(fit$X),
       method = method, test = test, p = plain(found$pval), qm_p = found$QMp,
       iterations = found$X.iter)
}
six <- bcg[c(1, 3, 4, 6, 9, 12), ]
hine <- escalc(measure = "RD", n1i = n1i, n2i = n2i, ai = ai, ci = ci, data = dat.hine1989)
normand <- escalc(measure = "MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i,
                  n2i = n2i, data = dat.normand1999)
eight <- bcg[1:9, ]
eight$random <- as.numeric(eight$alloc == "random")
write_reference(list(versions = versions, call = "permutest(fit, exact = TRUE)", cases = list(
  permuted(six, "~ ablat", "DL", "z"), permuted(six, "~ ablat", "DL", "knha"),
  permuted(six, "~ ablat", "REML", "knha"), permuted(six, "~ ablat + year", "DL", "knha"),
  permuted(six, "~ ablat + year", "PM", "z"), permuted(eight, "~ random", "REML", "z"),
  permuted(eight, "~ random", "ML", "knha"), permuted(hine, "~ 1", "REML", "z"),
  permuted(hine, "~ 1", "DL", "knha"), permuted(normand, "~ 1", "DL", "z"),
  permuted(normand, "~ 1", "PM", "knha"))), "regression", "permutations")

# Likelihood-ratio tests of nested models, and corrections of p-values.
nested <- function(dat, small, large) {
  dat <- dat[complete.cases(dat[, all.vars(as.formula(large)), drop = FALSE]), ]
  fits <- lapply(c(small, large), function(f)
    rma(yi, vi, mods = as.formula(f), data = dat, method = "ML", control = tight(dat$yi)))
  found <- anova(fits[[2]], fits[[1]])
  list(y = plain(dat$yi), v = plain(dat$vi), small = unname(fits[[1]]$X), large = unname(fits[[2]]$X),
       statistic = found$LRT, p = found$pval)
}
ps <- c(0.0005, 0.012, 0.012, 0.03, 0.041, 0.2, 0.23, 0.7, 0.95)
write_reference(list(versions = versions, nested = list(
  nested(bcg, "~ 1", "~ ablat"), nested(bcg, "~ ablat", "~ ablat + year + alloc"),
  nested(dat.raudenbush1985, "~ 1", "~ weeks"), nested(dat.bangertdrowns2004, "~ length", "~ length + ni")),
  p_values = ps,
  adjusted = setNames(lapply(c("bonferroni", "holm", "hochberg", "hommel", "BH", "BY"),
                             function(m) p.adjust(ps, m)),
                      c("Bonferroni", "Holm", "Hochberg", "Hommel", "BH", "BY"))),
  "regression", "comparisons")

# Models without intercept whose moderators are numbers: metafor 3.8-1 takes a wrong QE for them
# (README), so these are worked out from the definitions, with dense matrices.
by_hand <- function(dat, formula) {
  X <- model.matrix(as.formula(formula), data = dat)
  y <- plain(dat$yi); v <- plain(dat$vi); k <- length(y); p <- ncol(X)
  projector <- function(a) {
    W <- diag(a)
    W - W %*% X %*% solve(t(X) %*% W %*% X) %*% t(X) %*% W
  }
  q <- function(tau2) c(t(y) %*% projector(1 / (v + tau2)) %*% y)
  moment <- function(a) {
    P <- projector(a)
    max(0, (c(t(y) %*% P %*% y) - sum(diag(P) * v)) / sum(diag(P)))
  }
  score <- function(tau2, restricted) {
    P <- projector(1 / (v + tau2))
    c(t(y) %*% P %*% P %*% y) - if (restricted) sum(diag(P)) else sum(1 / (v + tau2))
  }
  root <- function(f) uniroot(f, c(0, 50), tol = 1e-15)$root
  tau2 <- list(FE = 0, DL = moment(1 / v), HE = moment(rep(1, k)), PM = root(function(t) q(t) - (k - p)),
               REML = root(function(t) score(t, TRUE)), ML = root(function(t) score(t, FALSE)))
  fits <- lapply(tau2, function(t) {
    w <- 1 / (v + t)
    inverse <- solve(t(X) %*% (w * X))
    b <- inverse %*% t(X) %*% (w * y)
    s2 <- q(t) / (k - p)
    qm <- c(t(b) %*% solve(inverse) %*% b)
    list(tau2 = t, b = c(b), se = sqrt(diag(inverse)), se_knha = sqrt(s2 * diag(inverse)), qm = qm,
         qm_p = pchisq(qm, p, lower.tail = FALSE), qm_knha = qm / p / s2,
         qm_knha_p = pf(qm / p / s2, p, k - p, lower.tail = FALSE))
  })
  list(formula = sub("^~ *", "", formula), y = y, v = v, X = unname(X), qe = q(0),
       lm = deviance(lm(y ~ 0 + X, weights = 1 / v)), fits = fits,
       metafor_qe = rma(y, v, mods = X, intercept = FALSE, method = "FE")$QE)
}
write_reference(list(versions = versions, cases = list(
  by_hand(bcg, "~ 0 + ablat"), by_hand(bcg, "~ 0 + ablat + year"),
  by_hand(dat.raudenbush1985, "~ 0 + weeks"))), "regression", "no_intercept")

# Location-scale models. Searches are repeated from where they stopped.
# Standard errors of alpha: metafor differentiates by coarse steps, so the curvature is taken again
# from the likelihood written out with dense matrices.
curvature <- function(y, v, X, Z, alpha, se, method) {
  height <- function(steps) {
    a <- alpha + steps * se
    w <- 1 / (v + exp(c(Z %*% a)))
    A <- t(X) %*% (w * X)
    r <- y - X %*% solve(A, t(X) %*% (w * y))
    0.5 * sum(log(w)) - 0.5 * sum(w * r^2) - (method == "REML") * 0.5 * c(determinant(A)$modulus)
  }
  # In steps of standard errors from the top: even steps for coefficients near 0 too.
  H <- numDeriv::hessian(height, 0 * alpha, method.args = list(eps = 0.05, r = 8))
  sqrt(diag(solve(-H))) * se
}
scaled <- function(dat, mods, scale, method, test, link = "log") {
  dat <- dat[complete.cases(dat[, c("yi", "vi", all.vars(as.formula(mods)), all.vars(as.formula(scale)))]), ]
  ask <- function(control) suppressWarnings(
    rma(yi, vi, mods = as.formula(mods), scale = as.formula(scale), data = dat, method = method,
        test = test, link = link, control = control))
  # Three optimisers in turn, each from where the one before it stopped; the last two refuse
  # where they cannot improve to rounding, and then the first stands.
  fit <- ask(list())
  for (control in list(list(rel.tol = 1e-13, eval.max = 5000, iter.max = 5000),
                       list(optimizer = "BFGS", reltol = 1e-15, maxit = 5000))) {
    again <- tryCatch(ask(c(control, list(alpha.init = c(fit$alpha)))), error = function(e) NULL)
    if (!is.null(again) && again$fit.stats["ll", method] >= fit$fit.stats["ll", method]) fit <- again
  }
  stats <- fit$fit.stats[, method]
  list(mods = sub("^~ *", "", mods), scale = sub("^~ *", "", scale), method = method, test = test,
       link = link, y = plain(dat$yi), v = plain(dat$vi), X = unname(fit$X), Z = unname(fit$Z),
       alpha = plain(fit$alpha),
       curvature = if (link != "log") NA else curvature(plain(dat$yi), plain(dat$vi), fit$X, fit$Z,
                                                plain(fit$alpha), plain(fit$se.alpha), method),
       alpha_se = plain(fit$se.alpha), alpha_z = plain(fit$zval.alpha),
       alpha_p = plain(fit$pval.alpha), alpha_lower = plain(fit$ci.lb.alpha),
       alpha_upper = plain(fit$ci.ub.alpha), qs = fit$QS, qs_p = fit$QSp, b = plain(fit$b),
       se = plain(fit$se), p = plain(fit$pval), qm = fit$QM, qm_p = fit$QMp, tau2 = plain(fit$tau2),
       fit = stats)
}
ba <- dat.bangertdrowns2004
ba$nj <- ba$ni / 100
ba$feedback1 <- ba$feedback
scale_cases <- c(
  lapply(c("REML", "ML"), function(m) scaled(ba, "~ 1", "~ nj", m, "z")),
  lapply(c("REML", "ML"), function(m) scaled(ba, "~ nj", "~ nj", m, "z")),
  list(scaled(ba, "~ nj", "~ nj", "REML", "knha"), scaled(ba, "~ meta", "~ meta", "REML", "t"),
       scaled(ba, "~ meta + imag", "~ meta + imag", "ML", "z"),
       scaled(bcg, "~ ablat", "~ 1", "REML", "knha"), scaled(bcg, "~ 1", "~ ablat", "REML", "z"),
       scaled(bcg, "~ ablat", "~ year", "ML", "z"),
       scaled(dat.raudenbush1985, "~ 1", "~ weeks", "REML", "z"),
       scaled(curtis, "~ 1", "~ fungrp", "REML", "z"),
       scaled(craft, "~ 1", "~ sport", "REML", "t"),
       scaled(dat.konstantopoulos2011, "~ 1", "~ year", "ML", "z"),
       scaled(ba, "~ 1", "~ nj", "REML", "z", "identity"),
       scaled(ba, "~ 1", "~ meta", "ML", "z", "identity")))
write_reference(list(versions = versions, call = "rma(yi, vi, mods=, scale=, link=)",
                     cases = scale_cases), "regression", "location_scale")

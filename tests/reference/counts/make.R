# Counts: Mantel-Haenszel, Peto, exact, mixed and overdispersion models.
#
# Closed forms come from metafor. The likelihoods of the mixed models are written out here
# from their definitions and integrated by the trapezoid rule on a fine, fixed grid, which for
# such integrands is right to rounding; the maximum is polished by Newton's method. lme4 and
# metafor stop earlier and take 7 nodes (or 1); what they say is kept beside it.

source(file.path("tests", "reference", "common.R"))
suppressMessages({
  library(lme4)
  library(numDeriv)
})
options(warn = -1)
versions <- c(versions, list(lme4 = version_of("lme4"), numDeriv = version_of("numDeriv")))

both <- function(study, ai, n1i, ci, n2i) {
  d <- data.frame(study = as.character(study), ai = as.numeric(ai), n1i = as.numeric(n1i),
                  ci = as.numeric(ci), n2i = as.numeric(n2i))
  d[stats::complete.cases(d), ]
}
yusuf <- subset(dat.yusuf1985, table == 6)
axfors <- subset(dat.axfors2021, Published == "Published")
tables <- list(
  bcg = with(dat.bcg, both(trial, tpos, tpos + tneg, cpos, cpos + cneg)),
  nielweise2007 = with(dat.nielweise2007, both(study, ai, n1i, ci, n2i)),
  collins1985a = with(dat.collins1985a, both(id, b.xti, nti, b.xci, nci)),
  collins1985b = with(dat.collins1985b, both(id, pre.xti, pre.nti, pre.xci, pre.nci)),
  hine1989 = with(dat.hine1989, both(study, ai, n1i, ci, n2i)),
  lau1992 = with(dat.lau1992, both(trial, ai, n1i, ci, n2i)),
  li2007 = with(dat.li2007, both(id, ai, n1i, ci, n2i)),
  egger2001 = with(dat.egger2001, both(id, ai, n1i, ci, n2i)),
  yusuf1985 = with(yusuf, both(id, ai, n1i, ci, n2i)),
  dorn2007 = with(dat.dorn2007, both(id, x.a, n.a, x.p, n.p)),
  linde2005 = with(dat.linde2005, both(id, ai, n1i, ci, n2i)),
  axfors2021 = with(axfors, both(id, hcq_arm_event, hcq_arm_total, control_arm_event,
                                 control_arm_total)),
  viechtbauer2021 = with(dat.viechtbauer2021, both(trial, xTi, nTi, xCi, nCi)),
  zero_cell = both(1:3, c(1, 0, 5), c(50, 40, 60), c(3, 4, 9), c(50, 40, 60)),
  all_events = both(1:4, c(12, 20, 5, 8), c(20, 20, 30, 25), c(9, 20, 4, 3), c(20, 20, 30, 25)),
  double_zero = both(1:5, c(1, 0, 5, 0, 2), c(50, 40, 60, 30, 80), c(3, 4, 9, 0, 2),
                     c(50, 40, 60, 30, 40))
)
rates <- list(
  nielweise2008 = with(dat.nielweise2008, both(study, x1i, t1i, x2i, t2i)),
  hart1999 = with(dat.hart1999, both(trial, x1i, t1i, x2i, t2i))
)
single <- function(study, x, n) data.frame(study = as.character(study), x = as.numeric(x),
                                           n = as.numeric(n))
proportions <- list(
  pritz1997 = with(dat.pritz1997, single(study, xi, ni)),
  debruin2009 = with(dat.debruin2009, single(seq_along(xi), xi, ni)),
  hannum2020 = with(dat.hannum2020, single(seq_along(xi), xi, ni)),
  nielweise2007_control = with(dat.nielweise2007, single(study, ci, n2i))
)
single_rates <- list(
  nielweise2008_control = with(dat.nielweise2008, single(study, x2i, t2i)),
  hart1999_treated = with(dat.hart1999, single(trial, x1i, t1i))
)

## closed forms ---------------------------------------------------------------------------

pooled <- function(r) {
  out <- list(estimate = as.numeric(r$beta), se = r$se, ci_lower = r$ci.lb, ci_upper = r$ci.ub,
              p_value = r$pval, q = r$QE, q_df = r$k.yi - 1, q_p_value = r$QEp, i2 = r$I2 / 100,
              h2 = r$H2)
  tests <- list(mh = r$MH, mh_p = r$MHp, bd = r$BD, bd_p = r$BDp, tarone = r$TA, tarone_p = r$TAp)
  tests <- tests[!vapply(tests, function(t) is.null(t) || is.na(t), TRUE)]
  lapply(c(out, tests), as.numeric)
}
mh <- function(d, measure, ...) {
  if (measure %in% c("IRR", "IRD")) {
    return(pooled(rma.mh(measure = measure, x1i = d$ai, t1i = d$n1i, x2i = d$ci, t2i = d$n2i, ...)))
  }
  pooled(rma.mh(measure = measure, ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i, ...))
}
exact_or <- function(d) {
  d <- d[d$ai + d$ci > 0 & d$ai + d$ci < d$n1i + d$n2i, ]
  array3 <- array(rbind(d$ai, d$n1i - d$ai, d$ci, d$n2i - d$ci), c(2, 2, nrow(d)))
  r <- mantelhaen.test(array3, exact = TRUE)
  list(estimate = as.numeric(r$estimate), ci_lower = r$conf.int[1], ci_upper = r$conf.int[2],
       p_value = r$p.value)
}
closed <- lapply(tables, function(d) {
  list(data = d,
       MH = sapply(c("OR", "RR", "RD"), function(m) mh(d, m), simplify = FALSE),
       uncorrected_test = mh(d, "OR", correct = FALSE)$mh,
       half_added = sapply(c("OR", "RR"), function(m) {
         mh(d, m, add = c(1 / 2, 1 / 2), to = c("only0", "only0"), drop00 = c(TRUE, TRUE))
       }, simplify = FALSE),
       Peto = pooled(rma.peto(ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d)),
       exact = if (sum(d$ai + d$ci) < 1500) exact_or(d))
})
closed_rates <- lapply(rates, function(d) {
  list(data = d, MH = sapply(c("IRR", "IRD"), function(m) mh(d, m), simplify = FALSE))
})
intervals <- function(d) {
  t(mapply(function(x, n) {
    c(binom.test(x, n)$conf.int, prop.test(x, n, correct = FALSE)$conf.int)
  }, d$x, d$n))
}
write_reference(list(program = versions, tables = closed, rates = closed_rates,
                     intervals = lapply(proportions, function(d) {
                       list(data = d, limits = intervals(d))
                     }),
                     rate_intervals = lapply(single_rates, function(d) {
                       list(data = d, limits = t(mapply(function(x, t) {
                         poisson.test(x, t)$conf.int
                       }, d$x, d$n)))
                     })), "counts", "closed")

## likelihoods from their definitions --------------------------------------------------------

lay <- function(by) {
  z <<- seq(-9, 9, by = by)
  log_w <<- dnorm(z, log = TRUE) + log(by)
}
lay(0.03)
log_mean <- function(m) {  # rows: studies; columns: nodes
  if (!is.matrix(m)) return(m)
  top <- m[cbind(seq_len(nrow(m)), max.col(m, "first"))]
  top + log(rowSums(exp(m - top)))
}
hyper <- function(d) {  # log probability of ai given the margins, at theta (k x nodes)
  lapply(seq_len(nrow(d)), function(i) {
    a <- d$ai[i]; n1 <- d$n1i[i]; m <- d$ai[i] + d$ci[i]; n2 <- d$n2i[i]
    j <- max(0, m - n2):min(n1, m)
    ratio <- log((n1 - j) * (m - j)) - log((j + 1) * (n2 - m + j + 1))
    ways <- c(0, cumsum(ratio[-length(j)]))
    list(step = j - a, ways = ways - ways[j == a])
  })
}
log_hyper <- function(laws, theta) {
  out <- theta
  for (i in seq_along(laws)) {
    e <- outer(laws[[i]]$step, theta[i, ]) + laws[[i]]$ways
    top <- max(e[, 1], e[, ncol(e)])  # convex in theta: the ends are highest
    if (top > 600) {
      high <- e[cbind(max.col(t(e), "first"), seq_len(ncol(e)))]
      out[i, ] <- -high - log(colSums(exp(e - rep(high, each = nrow(e)))))
    } else {
      out[i, ] <- -log(colSums(exp(e)))
    }
  }
  out
}
newton <- function(f, start, steps = 8) {  # polish a maximum
  x <- start
  for (i in seq_len(steps)) {
    move <- solve(hessian(f, x), grad(f, x))
    x <- x - move
    if (max(abs(move)) < 1e-10) break
  }
  x
}
# maximum over (mu, tau): tau of 0 where the top lies there
highest <- function(f, starts = c(0.2, 0.7)) {
  flat <- optimize(function(m) f(c(m, 0)), c(-15, 10), maximum = TRUE, tol = 1e-12)
  flat_mu <- newton(function(m) f(c(m, 0)), flat$maximum)
  at <- lapply(starts, function(t) {
    optim(c(flat_mu, t), f, control = list(fnscale = -1, reltol = 1e-8, maxit = 300))
  })
  best <- at[[which.max(vapply(at, `[[`, 0, "value"))]]
  common <- list(estimate = flat_mu, log_likelihood = f(c(flat_mu, 0)),
                 se = sqrt(-1 / as.numeric(hessian(function(m) f(c(m, 0)), flat_mu))))
  if (abs(best$par[2]) < 0.01 || best$value <= f(c(flat_mu, 0)) + 1e-9) {
    return(list(estimate = flat_mu, se = common$se, tau2 = 0,
                log_likelihood = common$log_likelihood, common = common))
  }
  par <- newton(f, best$par)
  list(estimate = par[1], se = sqrt(solve(-hessian(f, par))[1, 1]), tau2 = par[2]^2,
       log_likelihood = f(par), common = common)
}
informative <- function(d) d[d$ai + d$ci > 0 & d$ai + d$ci < d$n1i + d$n2i, ]
of_one <- function(log_lik, k) {
  function(p) {
    if (p[2] == 0) return(sum(log_lik(matrix(p[1], k, 1))))
    theta <- matrix(p[1] + p[2] * z, k, length(z), byrow = TRUE)
    sum(log_mean(log_lik(theta) + rep(log_w, each = k)))
  }
}
cm_el <- function(d) {
  lay(0.05)
  on.exit(lay(0.03))
  d <- informative(d)
  laws <- hyper(d)
  highest(of_one(function(theta) log_hyper(laws, theta), nrow(d)), starts = 0.5)
}
binomial_given <- function(d) {
  off <- log(d$n1i / d$n2i)
  function(theta) dbinom(d$ai, d$ai + d$ci, plogis(theta + off), log = TRUE)
}
cm_al <- function(d) {
  d <- informative(d)
  highest(of_one(binomial_given(d), nrow(d)))
}
irr_cm <- function(d) {
  d <- d[d$ai + d$ci > 0, ]
  highest(of_one(binomial_given(d), nrow(d)))
}
plo <- function(d) {  # groups of thousands: their integrands are narrow
  lay(0.01)
  on.exit(lay(0.03))
  highest(of_one(function(t) dbinom(d$x, d$n, plogis(t), log = TRUE), nrow(d)))
}
irln <- function(d) highest(of_one(function(t) dpois(d$x, d$n * exp(t), log = TRUE), nrow(d)))

# UM.FS: each study's intercept at its best for every (mu, tau), by Newton's method
um_fs <- function(d, coding = 1 / 2, poisson = FALSE) {
  d <- if (poisson) d[d$ai + d$ci > 0, ] else informative(d)
  k <- nrow(d)
  start <- if (poisson) log((d$ai + d$ci) / (d$n1i + d$n2i)) else
    qlogis((d$ai + d$ci + 0.5) / (d$n1i + d$n2i + 1))
  memory <- new.env()
  memory$alpha <- start
  f <- function(p) {
    zz <- if (p[2] == 0) 0 else z
    lw <- if (p[2] == 0) 0 else log_w
    theta <- matrix(p[1] + p[2] * zz, k, length(zz), byrow = TRUE)
    alpha <- memory$alpha
    for (i in 1:100) {
      e1 <- alpha + coding * theta
      e2 <- alpha + (coding - 1) * theta
      if (poisson) {
        m1 <- d$n1i * exp(e1); m2 <- d$n2i * exp(e2)
        l <- dpois(d$ai, m1, log = TRUE) + dpois(d$ci, m2, log = TRUE)
        s <- d$ai - m1 + d$ci - m2
        h <- -m1 - m2
      } else {
        p1 <- plogis(e1); p2 <- plogis(e2)
        l <- dbinom(d$ai, d$n1i, p1, log = TRUE) + dbinom(d$ci, d$n2i, p2, log = TRUE)
        s <- d$ai - d$n1i * p1 + d$ci - d$n2i * p2
        h <- -d$n1i * p1 * (1 - p1) - d$n2i * p2 * (1 - p2)
      }
      m <- l + rep(lw, each = k)
      value <- log_mean(m)
      share <- exp(m - value)
      g <- rowSums(share * s)
      c2 <- rowSums(share * (h + s^2)) - g^2
      step <- pmax(pmin(-g / pmin(c2, -1e-8), 1), -1)
      alpha <- alpha + step
      if (max(abs(step)) < 1e-10) break
    }
    memory$alpha <- alpha
    sum(value)
  }
  highest(f)
}

# UM.RS: a square of nodes, for sparse counts only (the integrands must be wide)
um_rs <- function(d, poisson = FALSE, start) {
  k <- nrow(d)
  s <- seq(-7, 7, by = 0.25)
  grid <- expand.grid(v = s, u = s)
  grid <- grid[rowSums(grid^2) < 50, ]
  lw <- dnorm(grid$v, log = TRUE) + dnorm(grid$u, log = TRUE) + 2 * log(0.25)
  f <- function(p) {
    total <- 0
    for (i in seq_len(k)) {
      e1 <- p[1] + p[3] * grid$v + (p[2] + p[4] * grid$u) / 2
      e2 <- p[1] + p[3] * grid$v - (p[2] + p[4] * grid$u) / 2
      l <- if (poisson) {
        dpois(d$ai[i], d$n1i[i] * exp(e1), log = TRUE) +
          dpois(d$ci[i], d$n2i[i] * exp(e2), log = TRUE)
      } else {
        dbinom(d$ai[i], d$n1i[i], plogis(e1), log = TRUE) +
          dbinom(d$ci[i], d$n2i[i], plogis(e2), log = TRUE)
      }
      m <- l + lw
      top <- max(m)
      total <- total + top + log(sum(exp(m - top)))
    }
    total
  }
  best <- optim(start, f, control = list(fnscale = -1, reltol = 1e-6, maxit = 60))
  par <- best$par
  for (i in 1:3) {
    h <- hessian(f, par)
    par <- par - solve(h, grad(f, par))
  }
  list(estimate = par[2], se = sqrt(solve(-h)[2, 2]), tau2 = par[4]^2,
       sigma2 = par[3]^2, log_likelihood = f(par), slope = max(abs(grad(f, par))))
}

some <- function(of, names) of[names]
# Not where thousands of events make thousands of terms: R would take minutes.
exact_names <- c("bcg", "nielweise2007", "collins1985a", "collins1985b", "hine1989", "dorn2007",
                 "linde2005", "axfors2021", "zero_cell", "double_zero")
um_names <- c("bcg", "nielweise2007", "hine1989", "double_zero")
mixed <- list(
  CM.EL = lapply(some(tables, exact_names), cm_el),
  CM.AL = lapply(tables[setdiff(names(tables), "all_events")], cm_al),
  UM.FS = lapply(some(tables, um_names), um_fs),
  UM.FS.one = lapply(some(tables, c("nielweise2007", "hine1989")), um_fs, coding = 1),
  UM.FS.rates = lapply(rates, um_fs, poisson = TRUE),
  CM.EL.rates = lapply(rates, irr_cm),
  PLO = lapply(proportions, plo),
  IRLN = lapply(single_rates, irln),
  UM.RS = list(nielweise2007 = um_rs(tables$nielweise2007, start = c(-4.1, -1.3, 0.8, 0.8))),
  UM.RS.rates = list(nielweise2008 = um_rs(rates$nielweise2008, TRUE, c(-5.7, -0.5, 0.6, 0.3)))
)

## metafor and lme4 as they are, with tighter searches -----------------------------------------

tighter <- list(glmerCtrl = list(optimizer = "bobyqa", tolPwrss = 1e-12,
                                 optCtrl = list(maxfun = 1e5, rhoend = 1e-10)))
seen <- function(r) {
  out <- list(estimate = r$beta, se = r$se, tau2 = r$tau2, sigma2 = r$sigma2, lrt = r$QE.LRT,
              lrt_p = r$QEp.LRT, wald = r$QE.Wld, df = r$QE.df, i2 = r$I2 / 100, h2 = r$H2,
              ci_lower = r$ci.lb, ci_upper = r$ci.ub, p_value = r$pval)
  lapply(out[!vapply(out, is.null, TRUE)], as.numeric)
}
two_arms <- function(d, model, ...) {
  seen(rma.glmm(measure = "OR", ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i, model = model,
                control = tighter, ...))
}
two_rates <- function(d, model, ...) {
  seen(rma.glmm(measure = "IRR", x1i = d$ai, t1i = d$n1i, x2i = d$ci, t2i = d$n2i,
                model = model, control = tighter, ...))
}
one_arm <- function(d, measure, ...) {
  if (measure == "PLO") return(seen(rma.glmm(measure = "PLO", xi = d$x, ni = d$n,
                                             control = tighter, ...)))
  seen(rma.glmm(measure = "IRLN", xi = d$x, ti = d$n, control = tighter, ...))
}
programs <- list(
  CM.AL = lapply(some(tables, c("bcg", "nielweise2007", "li2007", "linde2005")), two_arms,
                 model = "CM.AL"),
  CM.AL.laplace = lapply(some(tables, c("bcg", "nielweise2007")), two_arms, model = "CM.AL",
                         nAGQ = 1),
  CM.AL.t = lapply(some(tables, "nielweise2007"), two_arms, model = "CM.AL", test = "t"),
  UM.FS = lapply(some(tables, c("nielweise2007", "hine1989")), two_arms, model = "UM.FS"),
  UM.RS = lapply(some(tables, c("nielweise2007", "hine1989")), two_arms, model = "UM.RS"),
  CM.EL.rates = lapply(rates, two_rates, model = "CM.EL"),
  UM.RS.rates = lapply(rates, two_rates, model = "UM.RS"),
  PLO = lapply(proportions, one_arm, measure = "PLO"),
  IRLN = lapply(single_rates, one_arm, measure = "IRLN")
)
write_reference(list(program = versions, singles = proportions, single_rates = single_rates,
                     likelihood = mixed, programs = programs), "counts", "mixed")

## overdispersed counts ------------------------------------------------------------------------

polished <- function(f, start) {
  best <- optim(start, f, method = "BFGS", control = list(fnscale = -1, reltol = 1e-15,
                                                          maxit = 5000))
  par <- newton(f, best$par)
  variance <- solve(-hessian(f, par))
  list(par = par, se = sqrt(diag(variance)), log_likelihood = f(par))
}
bb <- function(x, n, p, rho) {
  g <- (1 - rho) / rho
  sum(lchoose(n, x) + lbeta(x + p * g, n - x + (1 - p) * g) - lbeta(p * g, (1 - p) * g))
}
beta_two <- function(d) {
  polished(function(b) {
    bb(d$ai, d$n1i, plogis(b[1] + b[2]), plogis(b[3])) + bb(d$ci, d$n2i, plogis(b[1]), plogis(b[3]))
  }, c(qlogis(sum(d$ci) / sum(d$n2i)), 0, -3))
}
beta_one <- function(d) {
  polished(function(b) bb(d$x, d$n, plogis(b[1]), plogis(b[2])),
           c(qlogis(sum(d$x) / sum(d$n)), -2))
}
gamma_two <- function(d) {
  polished(function(b) {
    sum(dnbinom(d$ai, size = exp(-b[3]), mu = d$n1i * exp(b[1] + b[2]), log = TRUE)) +
      sum(dnbinom(d$ci, size = exp(-b[3]), mu = d$n2i * exp(b[1]), log = TRUE))
  }, c(log(sum(d$ci) / sum(d$n2i)), 0, -1))
}
gamma_one <- function(d) {
  polished(function(b) sum(dnbinom(d$x, size = exp(-b[2]), mu = d$n * exp(b[1]), log = TRUE)),
           c(log(sum(d$x) / sum(d$n)), -1))
}
write_reference(list(
  program = versions,
  beta_two = lapply(tables[c("nielweise2007", "collins1985b", "li2007", "lau1992", "dorn2007",
                             "linde2005", "axfors2021", "bcg")], beta_two),
  beta_one = lapply(proportions, beta_one),
  gamma_two = lapply(rates, gamma_two),
  gamma_one = lapply(single_rates, gamma_one)
), "counts", "overdispersed")

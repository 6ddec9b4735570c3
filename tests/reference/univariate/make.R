# What metafor, and formulas written out in R, give for data sets of metadat.
# Run from the root of the project: Rscript tests/reference/univariate/make.R

source(file.path("tests", "reference", "common.R"))
suppressMessages(library(numDeriv))
versions$numDeriv <- version_of("numDeriv")

# --- the data: estimates and variances ----------------------------------------------------

es <- function(measure, ...) escalc(measure, ...)
rows <- function(data, n) data[seq_len(min(n, nrow(data))), ]
zcor <- function(data) es("ZCOR", ri = data$ri, ni = data$ni)
counts <- function(measure, ai, n1i, ci, n2i) es(measure, ai = ai, n1i = n1i, ci = ci, n2i = n2i)

bcg <- function(measure) with(dat.bcg, es(measure, ai = tpos, bi = tneg, ci = cpos, di = cneg))
one_each <- function(data, id) data[!duplicated(id), ]
nakagawa <- data.frame(ri = dat.nakagawa2007$Correlation, ni = dat.nakagawa2007$SampleSize)
white <- one_each(dat.white2020, dat.white2020$study_id)
hannum <- dat.hannum2020
craft <- subset(dat.craft2003, var1 == "acog" & var2 == "perf")
dagostino <- subset(dat.dagostino1998, outcome == "severity of runny nose")
if (nrow(dagostino) < 3) dagostino <- dat.dagostino1998
lehmann <- dat.lehmann2018

sets <- list(
  bcg_RR = bcg("RR"), bcg_OR = bcg("OR"), bcg_RD = bcg("RD"), bcg_AS = bcg("AS"),
  anand1999_OR = with(subset(dat.anand1999, intensity == "high"), counts("OR", ai, n1i, ci, n2i)),
  assink2016 = dat.assink2016,
  axfors2021_OR = with(dat.axfors2021, counts("OR", hcq_arm_event, hcq_arm_total,
                                              control_arm_event, control_arm_total)),
  bakdash2021 = { d <- data.frame(yi = dat.bakdash2021$es.z, vi = dat.bakdash2021$vi.z)
                  rows(d[complete.cases(d), ], 150) },
  bangertdrowns2004 = dat.bangertdrowns2004,
  baskerville2012 = with(dat.baskerville2012, data.frame(yi = smd, vi = se^2)),
  begg1989 = dat.begg1989,
  berkey1998_PD = subset(dat.berkey1998, outcome == "PD"),
  berkey1998_AL = subset(dat.berkey1998, outcome == "AL"),
  bonett2010_ARAW = with(dat.bonett2010, es("ARAW", ai = ai, mi = mi, ni = ni)),
  bornmann2007_OR = with(dat.bornmann2007, counts("OR", waward, wtotal, maward, mtotal)),
  bourassa1996_OR = with(rows(dat.bourassa1996, 60),
                         es("OR", ai = lh.le, bi = lh.re, ci = rh.le, di = rh.re, add = 1/2,
                            to = "all")),
  cannon2006_OR = with(dat.cannon2006, counts("OR", ep1t, nt, ep1c, nc)),
  cohen1981_ZCOR = zcor(dat.cohen1981),
  colditz1994_RR = with(dat.colditz1994, es("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg)),
  collins1985a_OR = with(dat.collins1985a, counts("OR", d.xti, nti, d.xci, nci)),
  collins1985b_OR = with(dat.collins1985b, counts("OR", pre.xti, pre.nti, pre.xci, pre.nci)),
  craft2003_ZCOR = zcor(craft),
  crede2010_ZCOR = zcor(dat.crede2010),
  curtis1998_ROM = with(dat.curtis1998, es("ROM", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i,
                                           sd2i = sd2i, n2i = n2i)),
  dagostino1998_SMD = with(dagostino, es("SMD", m1i = mt, sd1i = sdt, n1i = nt, m2i = mc,
                                         sd2i = sdc, n2i = nc)),
  damico2009_RR = with(dat.damico2009, counts("RR", xt, nt, xc, nc)),
  debruin2009_PLO = with(dat.debruin2009, es("PLO", xi = xi, ni = ni)),
  dorn2007_RR = with(dat.dorn2007, counts("RR", x.a, n.a, x.p, n.p)),
  egger2001_OR = with(dat.egger2001, counts("OR", ai, n1i, ci, n2i)),
  fine1993_RD = with(dat.fine1993, counts("RD", e1i, nei, c1i, nci)),
  gibson2002_MD = with(dat.gibson2002, es("MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i,
                                          sd2i = sd2i, n2i = n2i)),
  gibson2002_SMD = with(dat.gibson2002, es("SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i,
                                           sd2i = sd2i, n2i = n2i)),
  graves2010_RR = with(dat.graves2010, counts("RR", ai, n1i, ci, n2i)),
  hackshaw1998 = dat.hackshaw1998,
  hahn2001_RR = with(dat.hahn2001, counts("RR", ai, n1i, ci, n2i)),
  hannum2020_PLO = with(hannum, es("PLO", xi = xi, ni = ni)),
  hart1999_IRR = with(dat.hart1999, es("IRR", x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i)),
  hartmannboyce2018_RR = with(dat.hartmannboyce2018, counts("RR", x.nrt, n.nrt, x.ctrl, n.ctrl)),
  hine1989_RD = with(dat.hine1989, counts("RD", ai, n1i, ci, n2i)),
  ishak2007_first = data.frame(yi = dat.ishak2007$y1i, vi = dat.ishak2007$v1i),
  kalaian1996_verbal = subset(dat.kalaian1996, outcome == "verbal"),
  kearon1998_PLO = with(dat.kearon1998, es("PLO", xi = tp, ni = np)),
  knapp2017 = dat.knapp2017,
  konstantopoulos2011 = dat.konstantopoulos2011,
  landenberger2005_OR = with(dat.landenberger2005, es("OR", ai = n.ctrl.rec, bi = n.ctrl.non,
                                                      ci = n.cbt.rec, di = n.cbt.non)),
  laopaiboon2015_RR = with(dat.laopaiboon2015, counts("RR", ai, n1i, ci, n2i)),
  lau1992_OR = with(dat.lau1992, counts("OR", ai, n1i, ci, n2i)),
  lee2004_OR = with(dat.lee2004, counts("OR", ai, n1i, ci, n2i)),
  lehmann2018 = lehmann,
  li2007_OR = with(dat.li2007, counts("OR", ai, n1i, ci, n2i)),
  linde2005_RR = with(dat.linde2005, counts("RR", ai, n1i, ci, n2i)),
  lopez2019 = { d <- with(dat.lopez2019, data.frame(yi = diff, vi = se^2)); d },
  mccurdy2020 = rows(dat.mccurdy2020, 120),
  mcdaniel1994_ZCOR = zcor(dat.mcdaniel1994),
  michael2013 = dat.michael2013,
  molloy2014_ZCOR = zcor(dat.molloy2014),
  nakagawa2007_ZCOR = zcor(nakagawa),
  nielweise2007_OR = with(dat.nielweise2007, counts("OR", ai, n1i, ci, n2i)),
  nielweise2008_IRR = with(dat.nielweise2008, es("IRR", x1i = x1i, t1i = t1i, x2i = x2i,
                                                 t2i = t2i)),
  normand1999_MD = with(dat.normand1999, es("MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i,
                                            sd2i = sd2i, n2i = n2i)),
  pagliaro1992_PLO = with(dat.pagliaro1992, es("PLO", xi = xi, ni = ni)),
  pignon2000_HR = with(dat.pignon2000, data.frame(yi = OmE / V, vi = 1 / V)),
  pritz1997_PLO = with(dat.pritz1997, es("PLO", xi = xi, ni = ni)),
  pritz1997_PAS = with(dat.pritz1997, es("PAS", xi = xi, ni = ni)),
  raudenbush1985 = dat.raudenbush1985,
  riley2003_first = subset(dat.riley2003, outcome == dat.riley2003$outcome[1]),
  tannersmith2016 = dat.tannersmith2016,
  vanhowe1999_OR = with(dat.vanhowe1999, es("OR", ai = cir.pos, bi = cir.neg, ci = non.pos,
                                            di = non.neg)),
  viechtbauer2021_OR = with(dat.viechtbauer2021, counts("OR", xTi, nTi, xCi, nCi)),
  white2020_ZCOR = with(white, es("ZCOR", ri = r, ni = n)),
  yusuf1985_OR = with(subset(dat.yusuf1985, table == "6"), counts("OR", ai, n1i, ci, n2i))
)
sets <- lapply(sets, function(d) {
  d <- data.frame(yi = as.numeric(d$yi), vi = as.numeric(d$vi))
  # The first sixty studies: what is compared does not change with more, metafor's time does.
  rows(d[is.finite(d$yi) & is.finite(d$vi) & d$vi > 0, ], 60)
})

# --- estimators and tests -----------------------------------------------------------------

log_likelihood <- function(y, v, t, restricted) {
  w <- 1 / (v + t)
  mu <- sum(w * y) / sum(w)
  0.5 * sum(log(w)) - 0.5 * sum(w * (y - mu)^2) - restricted * 0.5 * log(sum(w))
}

# Scoring starts near the highest point of a fine grid, so that it ends at the highest peak.
best_start <- function(y, v, restricted) {
  grid <- c(0, exp(seq(log(min(v) / 100), log(diff(range(y))^2 + 1e-300), length.out = 2000)))
  grid[which.max(sapply(grid, function(t) log_likelihood(y, v, t, restricted)))]
}

control_for <- function(y, v, method) {
  control <- tight(y)
  if (method %in% c("ML", "REML")) control$tau2.init <- best_start(y, v, method == "REML")
  control
}

# metafor weights the mean by the weights of "GENQ" too; the mean here never is.
weights_of <- list(
  GENQ = function(y, v) 1 / sqrt(v),
  DL2 = function(y, v) 1 / (v + rma(y, v, method = "DL")$tau2),
  HE2 = function(y, v) 1 / (v + rma(y, v, method = "HE")$tau2)
)
methods <- c("DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM", "PMM", "SJIT",
             names(weights_of))

tau2_of <- function(y, v, method) {
  fit <- if (method %in% names(weights_of)) {
    quietly(rma(y, v, method = "GENQ", weights = weights_of[[method]](y, v)))
  } else {
    quietly(rma(y, v, method = method, control = control_for(y, v, method)))
  }
  list(tau2 = fit$tau2, se = fit$se.tau2)
}

means <- function(y, v, tau2) {
  lapply(c(z = "z", t = "t", knha = "knha", adhoc = "adhoc"), function(test) {
    fit <- quietly(rma(y, v, tau2 = tau2, method = "DL", test = test))
    prediction <- predict(fit)
    c(fit$beta[1, 1], fit$se, fit$ci.lb, fit$ci.ub, fit$pval, prediction$pi.lb, prediction$pi.ub)
  })
}

estimator <- function(y, v, method) {
  found <- tau2_of(y, v, method)
  fit <- quietly(rma(y, v, tau2 = found$tau2, method = "DL"))
  c(found, list(i2 = fit$I2 / 100, h2 = fit$H2), means(y, v, found$tau2))
}

# --- intervals of tau2 --------------------------------------------------------------------

bounds <- function(interval) unname(interval$random["tau^2", c("ci.lb", "ci.ub")])

profile_interval <- function(y, v) {
  fit <- quietly(rma(y, v, method = "DL"))
  bounds(confint(fit, type = "QP",
                 control = list(tol = 1e-15, maxiter = 1e5, tau2.max = 1e6 * max(1, var(y)))))
}

# Written out, as metafor's search is local: outermost crossings on a fine grid, then uniroot.
likelihood_interval <- function(y, v, restricted) {
  scale <- min(v)
  height <- function(s) log_likelihood(y, v, scale * expm1(s), restricted)
  top <- log1p(diff(range(y))^2 / scale) + 10
  grid <- seq(0, top, length.out = 4000)
  values <- sapply(grid, height)
  near <- grid[which.max(values)]
  best <- optimize(height, c(max(0, near - 0.01), near + 0.01), maximum = TRUE, tol = 1e-12)
  highest <- max(best$objective, values)
  gap <- function(s) height(s) - highest + qchisq(0.95, 1) / 2
  inside <- which(values - highest + qchisq(0.95, 1) / 2 >= 0)
  first <- min(inside); last <- max(inside)
  root <- function(a, b) scale * expm1(uniroot(gap, c(a, b), tol = 1e-14, maxiter = 1e4)$root)
  c(if (first == 1) 0 else root(grid[first - 1], grid[first]), root(grid[last], grid[last + 1]))
}

# Imhof (1961): the distribution of a sum of chi-squared variables by one integral, taken in
# pieces so that each holds few oscillations.
below <- function(q, lambda) {
  lambda <- lambda / max(lambda); n <- length(lambda)
  integrand <- function(u) vapply(u, function(x) {
    angle <- 0.5 * sum(atan(lambda * x)) - 0.5 * q * x
    sin(angle) / (x * prod((1 + lambda^2 * x^2)^0.25))
  }, 0)
  # Beyond the end the integral is below 1e-12.
  left <- function(u) log(2 / (pi * n)) - sum(log1p(lambda^2 * u^2)) / 4 - log(1e-12)
  end <- exp(uniroot(function(s) left(exp(s)), c(-5, 40))$root)
  step <- 4 * pi / max(q, n / 2)
  total <- 0; at <- 0
  while (at < end) {
    to <- at + max(step, 0)
    total <- total + integrate(integrand, at, to, rel.tol = 1e-11, abs.tol = 1e-14,
                               subdivisions = 1000, stop.on.error = FALSE)$value
    at <- to
  }
  0.5 - total / pi
}

q_form <- function(y, v) {
  a <- 1 / sqrt(v)
  A <- diag(a) - outer(a, a) / sum(a)
  q <- drop(t(y) %*% A %*% y)
  function(t) {
    root <- sqrt(v + t)
    lambda <- eigen(root * t(root * A), symmetric = TRUE, only.values = TRUE)$values
    lambda <- lambda[lambda > 1e-12 * max(lambda)]
    below(q / max(lambda), lambda)
  }
}

generalised <- function(y, v) {
  probability <- q_form(y, v)
  at_zero <- probability(0)
  solve_for <- function(p) {
    if (at_zero <= p) return(0)
    gap <- function(s) {
      # The integral can pass 0 or 1 by its error.
      found <- probability(min(v) * expm1(s))
      qnorm(min(max(found, 1e-12), 1 - 1e-12)) - qnorm(p)
    }
    top <- 1
    while (gap(top) > 0) top <- top + 1
    min(v) * expm1(uniroot(gap, c(max(0, top - 1), top), tol = 1e-12)$root)
  }
  list(lower = solve_for(0.975), upper = solve_for(0.025), median = solve_for(0.5))
}

score <- function(y, v, t) {
  w <- 1 / (v + t)
  mu <- sum(w * y) / sum(w)
  0.5 * sum(w^2 * (y - mu)^2) - 0.5 * sum(w) + 0.5 * sum(w^2) / sum(w)
}

# --- Kenward and Roger, by the general formulas with matrices -------------------------------

kenward_roger <- function(y, v, tau2, observed) {
  k <- length(y); X <- matrix(1, k, 1); W <- diag(1 / (v + tau2))
  phi <- solve(t(X) %*% W %*% X)
  P <- -t(X) %*% W %*% W %*% X
  Q <- t(X) %*% W %*% W %*% W %*% X
  if (observed) {
    # Minus the derivative of the score, by Richardson's extrapolation.
    information <- -jacobian(function(t) score(y, v, t), tau2)[1]
  } else {
    R <- W - W %*% X %*% phi %*% t(X) %*% W
    information <- 0.5 * sum(diag(R %*% R))
  }
  V <- 1 / information
  adjusted <- phi + 2 * V * phi %*% (Q - P %*% phi %*% P) %*% phi
  theta <- solve(phi)
  a1 <- V * sum(diag(theta %*% phi %*% P %*% phi))^2
  a2 <- V * sum(diag(theta %*% phi %*% P %*% phi %*% theta %*% phi %*% P %*% phi))
  l <- 1
  b <- (a1 + 6 * a2) / (2 * l)
  g <- ((l + 1) * a1 - (l + 4) * a2) / ((l + 2) * a2)
  d <- 3 * l + 2 * (1 - g)
  c1 <- g / d; c2 <- (l - g) / d; c3 <- (l + 2 - g) / d
  e <- 1 / (1 - a2 / l)
  f <- (2 / l) * (1 + c1 * b) / ((1 - c2 * b)^2 * (1 - c3 * b))
  rho <- f / (2 * e^2)
  c(se = sqrt(adjusted[1, 1]), df = 4 + (l + 2) / (l * rho - 1))
}

# --- likelihood of the mean -----------------------------------------------------------------

mean_likelihood <- function(y, v) {
  joint <- function(mu, t) -0.5 * sum(log(v + t)) - 0.5 * sum((y - mu)^2 / (v + t))
  scale <- min(v)
  profile <- function(mu) {
    h <- function(s) joint(mu, scale * expm1(s))
    grid <- seq(0, log1p(max((y - mu)^2) / scale), length.out = 120)
    values <- sapply(grid, h); i <- which.max(values)
    ends <- grid[c(max(1, i - 1), min(length(grid), i + 1))]
    max(values, optimize(h, ends, maximum = TRUE, tol = 1e-10)$objective)
  }
  near <- optimize(profile, range(y), maximum = TRUE, tol = 1e-9)
  # The highest mean might lie elsewhere where there are several peaks.
  grid <- seq(min(y), max(y), length.out = 40)
  values <- sapply(grid, profile)
  if (max(values) > near$objective) {
    i <- which.max(values)
    near <- optimize(profile, grid[c(max(1, i - 1), min(40, i + 1))], maximum = TRUE, tol = 1e-9)
  }
  gap <- function(mu) profile(mu) - near$objective + qchisq(0.95, 1) / 2
  width <- diff(range(y)) + 10 * sqrt(max(v))
  end <- function(side) {
    points <- near$maximum + side * width * (0:60 / 60)^2
    inside <- which(sapply(points, gap) >= 0)
    i <- max(inside)
    uniroot(gap, sort(points[c(i, i + 1)]), tol = 1e-10)$root
  }
  c(lower = end(-1), upper = end(1),
    p_value = pchisq(2 * (near$objective - profile(0)), 1, lower.tail = FALSE))
}

# --- all of it ------------------------------------------------------------------------------

reference <- function(name) {
  y <- sets[[name]]$yi; v <- sets[[name]]$vi; k <- length(y)
  reml <- tau2_of(y, v, "REML")$tau2
  plain <- quietly(rma(y, v, tau2 = reml, method = "DL"))
  kr <- kenward_roger(y, v, reml, FALSE)
  estimate <- plain$beta[1, 1]
  predicted <- function(se, df) estimate + c(-1, 1) * qt(0.975, df) * sqrt(se^2 + reml)
  knha <- quietly(rma(y, v, tau2 = reml, method = "DL", test = "knha"))
  copas <- quietly(hc(rma(y, v, method = "DL"), control = list(tol = 1e-13)))
  equal <- quietly(rma(y, v, tau2 = reml, method = "DL", weights = sqrt(seq_len(k))))
  list(
    program = versions, data = paste0("metadat dat.", sub("_.*", "", name)),
    y = y, v = v,
    methods = setNames(lapply(methods, function(m) estimator(y, v, m)), methods),
    QP = profile_interval(y, v),
    PL_REML = likelihood_interval(y, v, TRUE), PL_ML = likelihood_interval(y, v, FALSE),
    GENQ = if (k >= 8 && k <= 16) generalised(y, v) else NULL,
    KR = as.list(kr), KR_observed = if (reml > 0) as.list(kenward_roger(y, v, reml, TRUE)),
    PL_mean = if (k <= 24) as.list(mean_likelihood(y, v)) else NULL,
    HC = c(copas$beta, copas$se, copas$ci.lb, copas$ci.ub),
    predictions = if (k > 2) list(
      HTS = predicted(plain$se, k - 2), `HK-PR` = predicted(knha$se, k - 2),
      KR = if (kr["df"] >= 1) predicted(kr["se"], kr["df"]), S = estimate +
        c(-1, 1) * qnorm(0.975) * sqrt(plain$se^2 + reml)),
    own_weights = c(equal$beta, equal$se, equal$ci.lb, equal$ci.ub),
    permutation = if (k <= 6) list(
      Wald = permutest(rma(y, v, method = "DL"), exact = TRUE, progbar = FALSE)$pval,
      HKSJ = permutest(rma(y, v, method = "DL", test = "knha"), exact = TRUE,
                       progbar = FALSE)$pval) else NULL
  )
}

compact <- function(value, ...) {
  path <- file.path("tests", "reference", ...)
  writeLines(toJSON(value, auto_unbox = TRUE, digits = NA, na = "null", null = "null"),
             paste0(path, ".json"))
}
chosen <- commandArgs(trailingOnly = TRUE)
made <- parallel::mclapply(if (length(chosen)) chosen else names(sets), function(name) {
  compact(reference(name), "univariate", name)
}, mc.cores = 2, mc.preschedule = FALSE)
failed <- Filter(function(result) inherits(result, "try-error"), made)
if (length(failed)) stop(failed)

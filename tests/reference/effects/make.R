# Effects and variances of single studies by metafor's escalc, on real data.
# One JSON file a family: cases with their columns (named for our roles), call and values.
source(file.path("tests", "reference", "common.R"))

numeric_list <- function(columns) lapply(columns, function(x) as.numeric(x))

# One call of escalc; `arguments` are its own, `columns` the same numbers by our roles, kept
# once for each data set and kind.
kept <- list()
case <- function(data, measure, arguments, columns, ...) {
  options <- list(...)
  key <- paste(data, length(columns))
  kept[[key]] <<- numeric_list(columns)
  found <- suppressWarnings(do.call(escalc, c(list(measure = measure), arguments, options)))
  list(data = key, measure = measure, options = options,
       yi = as.numeric(found$yi), vi = as.numeric(found$vi))
}
save <- function(name, cases) {
  write_reference(list(versions = versions, columns = kept, cases = cases), "effects", name)
  kept <<- list()
}

# --- two-by-two tables --------------------------------------------------------------------
tables <- list(
  bcg = with(dat.bcg, data.frame(a = tpos, n1 = tpos + tneg, c = cpos, n2 = cpos + cneg)),
  collins1985a = with(dat.collins1985a, data.frame(a = b.xti, n1 = nti, c = b.xci, n2 = nci)),
  collins1985b = with(dat.collins1985b, data.frame(a = pre.xti, n1 = pre.nti, c = pre.xci, n2 = pre.nci)),
  egger2001 = with(dat.egger2001, data.frame(a = ai, n1 = n1i, c = ci, n2 = n2i)),
  hine1989 = with(dat.hine1989, data.frame(a = ai, n1 = n1i, c = ci, n2 = n2i)),
  lee2004 = with(dat.lee2004, data.frame(a = ai, n1 = n1i, c = ci, n2 = n2i)),
  li2007 = with(dat.li2007, data.frame(a = ai, n1 = n1i, c = ci, n2 = n2i)),
  linde2005 = with(dat.linde2005, data.frame(a = ai, n1 = n1i, c = ci, n2 = n2i)),
  nielweise2007 = with(dat.nielweise2007, data.frame(a = ai, n1 = n1i, c = ci, n2 = n2i)),
  yusuf1985 = with(subset(dat.yusuf1985, !is.na(ai) & !is.na(n1i)),
                   data.frame(a = ai, n1 = n1i, c = ci, n2 = n2i)),
  bourassa1996 = with(dat.bourassa1996, data.frame(a = lh.le, n1 = lh.le + lh.re, c = rh.le,
                                                   n2 = rh.le + rh.re))
)
tables <- lapply(tables, function(d) d[complete.cases(d) & d$n1 > 0 & d$n2 > 0, ])
cases <- list()
for (name in names(tables)) {
  d <- tables[[name]]
  arguments <- list(ai = d$a, n1i = d$n1, ci = d$c, n2i = d$n2)
  columns <- list(events_treated = d$a, n_treated = d$n1, events_control = d$c, n_control = d$n2)
  add_case <- function(...) cases[[length(cases) + 1]] <<- case(name, arguments = arguments,
                                                                columns = columns, ...)
  for (measure in c("RR", "OR", "RD", "AS", "PETO", "YUQ", "YUY", "OR2DN", "OR2DL", "PBIT"))
    add_case(measure = measure)
  for (sampling in c("ST", "CS")) add_case(measure = "PHI", vtype = sampling)
  if (name %in% c("bcg", "li2007", "lee2004", "bourassa1996")) add_case(measure = "RTET")
  for (measure in c("RR", "OR", "RD")) {
    for (to in c("all", "if0all", "none")) add_case(measure = measure, to = to)
    add_case(measure = measure, drop00 = TRUE)
  }
  add_case(measure = "AS", add = 0.5, to = "all")
}
save("two_by_two", cases)

# The tetrachoric correlation to rounding (metafor's search stops near 1e-5): the root of the
# bivariate normal probability, by one integral.
tetrachoric <- function(a, b, c, d) {
  n <- a + b + c + d
  h <- qnorm((a + b) / n)
  k <- qnorm((a + c) / n)
  both <- function(r) {
    integrate(function(t) exp(-(h^2 + k^2 - 2 * h * k * sin(t)) / (2 * cos(t)^2)), 0, asin(r),
              rel.tol = 1e-13, abs.tol = 0)$value / (2 * pi) + pnorm(h) * pnorm(k)
  }
  gap <- function(r) if (abs(r) < 1e-14) pnorm(h) * pnorm(k) - a / n else both(r) - a / n
  uniroot(gap, c(-0.99999, 0.99999), tol = 1e-15, maxiter = 10000)$root
}
exact <- list()
for (name in c("bcg", "li2007", "lee2004", "bourassa1996")) {
  d <- tables[[name]]
  d <- d[d$a > 0 & d$c > 0 & d$a < d$n1 & d$c < d$n2, ]
  exact[[name]] <- list(
    columns = list(events_treated = d$a, n_treated = d$n1, events_control = d$c, n_control = d$n2),
    yi = mapply(tetrachoric, d$a, d$n1 - d$a, d$c, d$n2 - d$c))
}
write_reference(exact, "effects", "tetrachoric")

# Peto's method pools with nothing added, which escalc does not do.
peto <- lapply(names(tables), function(name) {
  d <- tables[[name]]
  fit <- rma.peto(ai = d$a, n1i = d$n1, ci = d$c, n2i = d$n2)
  list(data = name, columns = numeric_list(list(events_treated = d$a, n_treated = d$n1,
                                                events_control = d$c, n_control = d$n2)),
       estimate = as.numeric(fit$beta), se = fit$se)
})
save("peto", peto)

# --- rates --------------------------------------------------------------------------------
rates <- list(hart1999 = dat.hart1999, nielweise2008 = dat.nielweise2008)
cases <- list()
for (name in names(rates)) {
  d <- rates[[name]]
  arguments <- list(x1i = d$x1i, t1i = d$t1i, x2i = d$x2i, t2i = d$t2i)
  columns <- list(events_treated = d$x1i, time_treated = d$t1i, events_control = d$x2i,
                  time_control = d$t2i)
  for (measure in c("IRR", "IRD", "IRSD"))
    cases[[length(cases) + 1]] <- case(name, measure, arguments, columns)
  one <- list(xi = d$x2i, ti = d$t2i)
  alone <- list(events = d$x2i, time = d$t2i)
  for (measure in c("IR", "IRLN", "IRS", "IRFT"))
    cases[[length(cases) + 1]] <- case(name, measure, one, alone)
}
save("rates", cases)

# --- means --------------------------------------------------------------------------------
gibson <- subset(dat.gibson2002, !is.na(m1i) & !is.na(sd1i) & !is.na(m2i) & !is.na(sd2i))
morris <- data.frame(m1i = c(38.5, 26.8, 0.7, 75.9, 36.0), sd1i = c(11.6, 4.1, 0.1, 4.4, 4.6),
                     n1i = c(20, 50, 9, 10, 14), m2i = c(19.7, 25.3, 0.6, 60.7, 33.4),
                     sd2i = c(14.8, 3.3, 0.2, 17.9, 6.9), n2i = c(20, 42, 9, 11, 14))
means <- list(normand1999 = dat.normand1999, curtis1998 = dat.curtis1998, gibson2002 = gibson,
              morris2008 = morris)
formulas <- list(MD = c("LS", "HO"), SMD = c("LS", "LS2", "UB", "AV"), SMDH = "LS",
                 SMD1 = c("LS", "LS2", "UB", "AV"), SMD1H = "LS",
                 ROM = c("LS", "HO", "AV", "AVHO"), CVR = "LS", VR = "LS", RPB = c("ST", "CS"),
                 RBIS = "LS", D2ORN = "LS", D2ORL = "LS")
cases <- list()
for (name in names(means)) {
  d <- means[[name]]
  arguments <- as.list(d[c("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")])
  columns <- setNames(arguments, c("mean_treated", "sd_treated", "n_treated", "mean_control",
                                   "sd_control", "n_control"))
  for (measure in names(formulas)) for (vtype in formulas[[measure]]) {
    if (measure %in% c("VR")) these <- arguments[c("sd1i", "n1i", "sd2i", "n2i")]
    else these <- arguments
    cases[[length(cases) + 1]] <- case(name, measure, these, columns, vtype = vtype)
  }
  one <- setNames(as.list(d[c("m1i", "sd1i", "n1i")]), c("mi", "sdi", "ni"))
  alone <- setNames(one, c("mean", "sd", "n"))
  for (measure in c("MN", "MNLN", "CVLN"))
    cases[[length(cases) + 1]] <- case(name, measure, one, alone)
  cases[[length(cases) + 1]] <- case(name, "SDLN", one[c("sdi", "ni")], alone[c("sd", "n")])
}
save("means", cases)

# --- proportions --------------------------------------------------------------------------
proportions <- list(pritz1997 = dat.pritz1997, debruin2009 = dat.debruin2009,
                    nielweise2007 = with(dat.nielweise2007, data.frame(xi = ai, ni = n1i)),
                    hannum2020 = with(dat.hannum2020, data.frame(xi = xi, ni = ni)))
cases <- list()
for (name in names(proportions)) {
  d <- proportions[[name]]
  for (measure in c("PR", "PLN", "PLO", "PAS", "PFT"))
    cases[[length(cases) + 1]] <- case(name, measure, list(xi = d$xi, ni = d$ni),
                                       list(events = d$xi, n = d$ni))
}
save("proportions", cases)

# --- correlations -------------------------------------------------------------------------
correlations <- list(molloy2014 = dat.molloy2014, mcdaniel1994 = dat.mcdaniel1994,
                     cohen1981 = with(dat.cohen1981, data.frame(ri = ri, ni = ni)))
cases <- list()
for (name in names(correlations)) {
  d <- correlations[[name]]
  for (measure in c("COR", "UCOR")) for (vtype in c("LS", "AV", if (measure == "UCOR") "UB"))
    cases[[length(cases) + 1]] <- case(name, measure, list(ri = d$ri, ni = d$ni),
                                       list(correlation = d$ri, n = d$ni), vtype = vtype)
  cases[[length(cases) + 1]] <- case(name, "ZCOR", list(ri = d$ri, ni = d$ni),
                                     list(correlation = d$ri, n = d$ni))
}
# gsl, from which metafor has the hypergeometric function, loses digits near r = 0 (1.06475
# for 2F1(1/2, 1/2; 5; 0.9984), which is 1.06418): Euler's integral decides.
euler <- function(f) integrate(f, 0, pi / 2, rel.tol = 1e-13, subdivisions = 2000)$value
halves <- function(n, r) {
  if (r == 0) return(1)
  p <- n - 4
  2 * euler(function(t) cos(t)^p / sqrt(cos(t)^2 + r^2 * sin(t)^2)) *
    exp(lgamma((n - 2) / 2) - lgamma((n - 3) / 2)) / sqrt(pi)
}
ones <- function(n, r) (n / 2 - 1) * 2 *
  euler(function(t) sin(t)^(n - 3) * cos(t) / (r^2 * cos(t)^2 + sin(t)^2))
exact <- list()
for (name in names(correlations)) {
  d <- correlations[[name]]
  d <- d[d$ri != 0, ]
  yi <- d$ri * mapply(halves, d$ni, d$ri)
  vi <- yi^2 - 1 + (d$ni - 3) / (d$ni - 2) * (1 - d$ri^2) * mapply(ones, d$ni, d$ri)
  exact[[name]] <- list(correlation = d$ri, n = d$ni, yi = yi, vi = vi)
}
write_reference(exact, "effects", "unbiased_correlations")

d <- dat.aloe2013
for (measure in c("PCOR", "ZPCOR", "SPCOR"))
  cases[[length(cases) + 1]] <- case(
    "aloe2013", measure,
    c(list(ti = d$tval, ni = d$n, mi = d$preds), if (measure == "SPCOR") list(r2i = d$R2)),
    list(t = d$tval, n = d$n, predictors = d$preds, r_squared = d$R2))
save("correlations", cases)

# --- change, matched pairs, reliability, genotypes ------------------------------------------
before <- list(
  morris2008_treated = data.frame(post = c(38.5, 26.8, 0.7, 75.9, 36.0), s_post = c(11.6, 4.1, 0.1, 4.4, 4.6),
                                  pre = c(30.6, 23.5, 0.5, 53.4, 35.6), s_pre = c(15.0, 3.1, 0.1, 14.5, 4.7),
                                  n = c(20, 50, 9, 10, 14), r = c(.47, .64, .77, .89, .44)),
  morris2008_control = data.frame(post = c(19.7, 25.3, 0.6, 60.7, 33.4), s_post = c(14.8, 3.3, 0.2, 17.9, 6.9),
                                  pre = c(23.1, 24.9, 0.6, 55.7, 34.8), s_pre = c(13.8, 4.1, 0.2, 17.3, 3.1),
                                  n = c(20, 42, 9, 11, 14), r = c(.47, .64, .77, .89, .44)))
cases <- list()
for (name in names(before)) {
  d <- before[[name]]
  columns <- list(mean_post = d$post, mean_pre = d$pre, sd_post = d$s_post, sd_pre = d$s_pre, n = d$n,
                  correlation = d$r)
  for (measure in c("MC", "SMCC", "SMCR", "SMCRH", "ROMC", "CVRC", "VRC")) {
    # metafor divides by the standard deviation it calls 1; here that is the one before.
    swapped <- measure %in% c("SMCR", "SMCRH")
    sd1 <- if (swapped) d$s_pre else d$s_post
    sd2 <- if (swapped) d$s_post else d$s_pre
    arguments <- list(m1i = d$post, m2i = d$pre, sd1i = sd1, sd2i = sd2, ni = d$n, ri = d$r)
    if (measure == "VRC") arguments <- arguments[c("sd1i", "sd2i", "ni", "ri")]
    cases[[length(cases) + 1]] <- case(name, measure, arguments, columns)
  }
}
pairs <- list(bourassa1996 = with(dat.bourassa1996, data.frame(a = lh.le, b = lh.re, c = rh.le, d = rh.re)),
              bcg = with(dat.bcg, data.frame(a = tpos, b = tneg, c = cpos, d = cneg)))
for (name in names(pairs)) {
  d <- pairs[[name]][complete.cases(pairs[[name]]), ]
  for (measure in c("MPRR", "MPOR", "MPRD", "MPORC", "MPPETO"))
    cases[[length(cases) + 1]] <- case(
      name, measure, list(ai = d$a, bi = d$b, ci = d$c, di = d$d),
      list(both = d$a, first_only = d$b, second_only = d$c, neither = d$d))
}
d <- dat.bonett2010
for (measure in c("ARAW", "AHW", "ABT"))
  cases[[length(cases) + 1]] <- case("bonett2010", measure, list(ai = d$ai, mi = d$mi, ni = d$ni),
                                     list(alpha = d$ai, items = d$mi, n = d$ni))
d <- dat.frank2008
cases[[length(cases) + 1]] <- case(
  "frank2008", "REH", list(ai = d$ct.ins.ins, bi = d$ct.ins.del, ci = d$ct.del.del),
  list(dominant = d$ct.ins.ins, heterozygous = d$ct.ins.del, recessive = d$ct.del.del))
save("pairs", cases)

# --- the way back -------------------------------------------------------------------------
x <- seq(-0.4, 2, by = 0.1)
n <- c(5, 12, 40, 333)
wide <- function(mu, tau2) list(tau2 = tau2, lower = mu - 12 * sqrt(tau2), upper = mu + 12 * sqrt(tau2))
means_of <- function(f, mus, tau2s) unlist(lapply(mus, function(mu) sapply(tau2s, function(t)
  f(mu, targs = wide(mu, t)))))
mus <- c(-1.5, -0.3, 0.2, 1.1)
tau2s <- c(0.01, 0.2, 1.5)
sizes <- c(80, 90, 110, 95)
write_reference(list(
  versions = versions, x = x, n = n,
  PLO = transf.ilogit(x), PAS = transf.iarcsin(x), ZCOR = transf.ztor(x),
  IRS = sapply(x, transf.isqrt), AHW = transf.iahw(x[x <= 1]), ABT = transf.iabt(x[x >= 0]),
  PFT = lapply(n, function(each) transf.ipft(x, rep(each, length(x)))),
  IRFT = lapply(n, function(each) transf.iirft(x[x >= 0.2], rep(each, sum(x >= 0.2)))),
  mus = mus, tau2s = tau2s,
  mean_exp = means_of(transf.exp.int, mus, tau2s),
  mean_ilogit = means_of(transf.ilogit.int, mus, tau2s),
  mean_ztor = means_of(transf.ztor.int, mus, tau2s),
  sizes = sizes, pooled = transf.ipft.hm(0.5, targs = list(ni = sizes))
), "effects", "back")

# The data sets that small-study effects and selection models are compared on: real ones from
# metadat, as estimates and variances, with sizes and 2x2 counts where there are any.

twobytwo <- function(data, measure = "OR") {
  data <- data[with(data, is.finite(ai + n1i + ci + n2i)), ]
  es <- escalc(measure = measure, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = data)
  es <- es[is.finite(es$yi), ]
  list(measure = measure, yi = as.vector(es$yi), vi = es$vi, ni = es$n1i + es$n2i,
       counts = list(events_treated = es$ai, n_treated = es$n1i,
                     events_control = es$ci, n_control = es$n2i))
}

continuous <- function(data, measure) {
  es <- escalc(measure = measure, m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i,
               n2i = n2i, data = data)
  es <- es[is.finite(es$yi) & is.finite(es$vi), ]
  list(measure = measure, yi = as.vector(es$yi), vi = es$vi, ni = es$n1i + es$n2i,
       sizes = list(n_treated = es$n1i, n_control = es$n2i))
}

correlation <- function(data) {
  data <- data[is.finite(data$ri) & is.finite(data$ni) & data$ni > 4, ]
  es <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = data)
  list(measure = "ZCOR", yi = as.vector(es$yi), vi = es$vi, ni = es$ni)
}

plain <- function(measure, yi, vi, ni = NULL) {
  keep <- is.finite(yi) & is.finite(vi)
  out <- list(measure = measure, yi = as.vector(yi)[keep], vi = as.vector(vi)[keep])
  if (!is.null(ni)) out$ni <- ni[keep]
  out
}

renamed <- function(data, ai, n1i, ci, n2i) {
  data.frame(ai = data[[ai]], n1i = data[[n1i]], ci = data[[ci]], n2i = data[[n2i]])
}

bcg <- with(dat.bcg, data.frame(ai = tpos, n1i = tpos + tneg, ci = cpos, n2i = cpos + cneg))
cold <- with(subset(dat.dagostino1998, is.finite(mt) & is.finite(mc)),
             data.frame(m1i = mt, sd1i = sdt, n1i = nt, m2i = mc, sd2i = sdc, n2i = nc))
smokers <- dat.hartmannboyce2018

data_sets <- list(
  bangertdrowns2004 = with(dat.bangertdrowns2004, plain("SMD", yi, vi, ni)),
  baskerville2012 = with(dat.baskerville2012, plain("SMD", smd, se^2)),
  bcg = twobytwo(bcg, "RR"),
  bcg_OR = twobytwo(bcg),
  begg1989 = with(dat.begg1989, plain("PR", yi, vi)),
  cohen1981 = correlation(dat.cohen1981),
  collins1985a = twobytwo(renamed(dat.collins1985a, "b.xti", "nti", "b.xci", "nci")),
  crede2010 = correlation(dat.crede2010),
  curtis1998 = continuous(dat.curtis1998, "ROM"),
  dagostino1998 = continuous(cold, "SMD"),
  damico2009 = twobytwo(renamed(dat.damico2009, "xt", "nt", "xc", "nc")),
  dorn2007 = twobytwo(renamed(dat.dorn2007, "x.a", "n.a", "x.p", "n.p"), "RR"),
  egger2001 = twobytwo(dat.egger2001),
  hackshaw1998 = with(dat.hackshaw1998, plain("OR", yi, vi)),
  hahn2001 = twobytwo(dat.hahn2001),
  hartmannboyce2018 = twobytwo(renamed(smokers, "x.nrt", "n.nrt", "x.ctrl", "n.ctrl"), "RR"),
  laopaiboon2015 = twobytwo(dat.laopaiboon2015, "RR"),
  lau1992 = twobytwo(dat.lau1992),
  lehmann2018 = with(dat.lehmann2018, plain("SMD", yi, vi, Total.SampleSize)),
  li2007 = twobytwo(dat.li2007),
  linde2005 = twobytwo(dat.linde2005, "RR"),
  mcdaniel1994 = correlation(dat.mcdaniel1994),
  michael2013 = with(dat.michael2013, plain("MD", yi, vi)),
  molloy2014 = correlation(dat.molloy2014),
  nielweise2007 = twobytwo(dat.nielweise2007),
  normand1999 = continuous(dat.normand1999, "MD"),
  raudenbush1985 = with(dat.raudenbush1985, plain("SMD", yi, vi, n1i + n2i))
)

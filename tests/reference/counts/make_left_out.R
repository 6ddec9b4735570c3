# Mantel-Haenszel and Peto without each study in turn, and as the studies came; run from the root.

source(file.path("tests", "reference", "common.R"))
options(warn = 1)

both <- function(study, ai, n1i, ci, n2i) {
  d <- data.frame(study = as.character(study), ai = as.numeric(ai), n1i = as.numeric(n1i),
                  ci = as.numeric(ci), n2i = as.numeric(n2i))
  d[stats::complete.cases(d), ]
}
tables <- list(
  bcg = with(dat.bcg, both(trial, tpos, tpos + tneg, cpos, cpos + cneg)),
  nielweise2007 = with(dat.nielweise2007, both(study, ai, n1i, ci, n2i)),
  hine1989 = with(dat.hine1989, both(study, ai, n1i, ci, n2i)),
  li2007 = with(dat.li2007, both(id, ai, n1i, ci, n2i)),
  linde2005 = with(dat.linde2005, both(id, ai, n1i, ci, n2i))
)
rates <- list(
  nielweise2008 = with(dat.nielweise2008, both(study, x1i, t1i, x2i, t2i)),
  hart1999 = with(dat.hart1999, both(trial, x1i, t1i, x2i, t2i))
)

kept <- c("estimate", "se", "pval", "ci.lb", "ci.ub", "Q", "Qp")
rows <- function(x) {
  found <- unclass(x)
  names(found)[names(found) == "pvals"] <- "pval"
  lapply(found[intersect(kept, names(found))], as.numeric)
}
both_ways <- function(fit) list(leave1out = rows(leave1out(fit)), cumul = rows(cumul(fit)))

of_table <- function(d) {
  by <- lapply(c(OR = "OR", RR = "RR", RD = "RD"), function(m) {
    both_ways(rma.mh(measure = m, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d))
  })
  list(data = d, MH = by,
       Peto = both_ways(rma.peto(ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d)))
}
of_rates <- function(d) {
  by <- lapply(c(IRR = "IRR", IRD = "IRD"), function(m) {
    both_ways(rma.mh(measure = m, x1i = ai, t1i = n1i, x2i = ci, t2i = n2i, data = d))
  })
  list(data = d, MH = by)
}
write_reference(list(program = versions, tables = lapply(tables, of_table),
                     rates = lapply(rates, of_rates)), "counts", "left_out")

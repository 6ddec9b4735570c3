# Covariances of correlations by metafor's rcalc. Rscript tests/reference/multilevel/make_correlations.R
source(file.path("tests", "reference", "common.R"))

# Studies that lack a correlation have no covariances.
whole <- with(dat.craft2003, !(study %in% study[is.na(ri)]))
case <- function(rtoz) {
  found <- rcalc(ri ~ var1 + var2 | study, ni = ni, data = dat.craft2003[whole, ], rtoz = rtoz)
  list(fisher_z = rtoz, study = found$dat$study, first = as.character(found$dat$var1),
       second = as.character(found$dat$var2), n = found$dat$ni,
       correlation = if (rtoz) tanh(found$dat$yi) else found$dat$yi,
       V = unname(as.matrix(found$V)))
}
write_reference(list(versions = versions, call = "rcalc(ri ~ var1 + var2 | study, ni, rtoz)",
                     cases = list(case(FALSE), case(TRUE))), "multilevel", "correlations", "craft2003")

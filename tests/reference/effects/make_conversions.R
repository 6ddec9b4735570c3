# What four-fold tables and standardised differences are turned into.
# Rscript tests/reference/effects/make_conversions.R
source(file.path("tests", "reference", "common.R"))

plain <- function(x) unname(as.vector(x))

# Tables with the associations that lead back to them.
table_of <- function(a, b, c, d) {
  cells <- matrix(c(a, b, c, d), nrow = 2, byrow = TRUE)
  test <- function(correct) suppressWarnings(plain(chisq.test(cells, correct = correct)$statistic))
  phi <- plain(escalc(measure = "PHI", ai = a, bi = b, ci = c, di = d)$yi)
  list(cells = c(a, b, c, d), odds_ratio = a * d / (b * c), phi = phi,
       chi_squared = sign(phi) * test(FALSE), corrected = sign(phi) * test(TRUE))
}
rows <- rbind(with(dat.bcg, cbind(tpos, tneg, cpos, cneg)),
              with(dat.hine1989, cbind(ai, n1i - ai, ci, n2i - ci)),
              with(dat.linde2005, cbind(ai, n1i - ai, ci, n2i - ci))[1:12, ],
              c(36, 86, 20, 98), c(40, 60, 60, 40), c(28, 14, 12, 18))
rows <- rows[complete.cases(rows), ]
rows <- rows[apply(rows, 1, min) > 0, ]
tables <- lapply(seq_len(nrow(rows)), function(i) {
  cells <- as.numeric(rows[i, ])
  table_of(cells[1], cells[2], cells[3], cells[4])
})

# Matched pairs: the marginal odds ratio of the joint table, with its totals and its phi.
pairs <- with(dat.bourassa1996, data.frame(a = lh.le, b = lh.re, c = rh.le, d = rh.re))
pairs <- pairs[complete.cases(pairs) & apply(pairs, 1, min) > 0, ]
margins <- escalc(measure = "MPOR", ai = a, bi = b, ci = c, di = d, data = pairs)
phi <- escalc(measure = "PHI", ai = a, bi = b, ci = c, di = d, data = pairs)$yi

d <- c(-1.7, -0.2, 0, 0.1, 0.2, 0.5, 0.8, 1.3, 3)
write_reference(list(
  versions = versions, call = "escalc(measure = 'MPOR'), escalc(measure = 'PHI'), chisq.test, transf.*",
  tables = tables,
  margins = list(events_first = pairs$a + pairs$b, events_second = pairs$a + pairs$c,
                 n = rowSums(pairs), correlation = plain(phi), estimate = plain(margins$yi),
                 variance = plain(margins$vi)),
  d = d, u1 = sapply(d, transf.dtou1), u2 = sapply(d, transf.dtou2), besd = sapply(d, transf.dtobesd),
  md = sapply(d, transf.dtomd, targs = list(sd = 4.2))), "effects", "conversions")

# Large data sets: too slow for metafor's search, but not for one evaluation of its likelihood.
#
# At given components it gives the height, the mean and its standard error. bakdash2021 is searched
# as well, to 1e-4 of the components.
source(file.path("tests", "reference", "common.R"))

at_components <- function(name, d, levels, sigma2, searched = NULL) {
  formula <- as.formula(paste("~ 1 |", paste(levels, collapse = "/")))
  f <- rma.mv(yi, vi, random = formula, sigma2 = sigma2, data = d, sparse = TRUE)
  write_reference(list(
    program = versions, levels = levels, data = c(list(yi = as.numeric(d$yi), vi = d$vi),
                                                  as.list(d[levels])),
    sigma2 = sigma2, log_likelihood = as.numeric(logLik(f)), beta = as.numeric(f$beta), se = f$se,
    q = f$QE, searched = searched), "multilevel", "large", name)
}

d <- as.data.frame(dat.mccurdy2020)
d <- d[!is.na(d$yi) & !is.na(d$vi), ]
at_components("mccurdy2020", d, c("article", "experiment", "sample", "id"),
              c(0.006, 0.004, 0.003, 0.02))
d <- as.data.frame(dat.bakdash2021)
d$yi <- d$es.z; d$vi <- d$vi.z
d <- d[order(d$SampleID, d$Outcome), ]
f <- rma.mv(yi, vi, random = ~ 1 | SampleID/Outcome, data = d, sparse = TRUE)
at_components("bakdash2021", d, c("SampleID", "Outcome"), c(0.05, 0.02),
              list(sigma2 = f$sigma2, log_likelihood = as.numeric(logLik(f)),
                   beta = as.numeric(f$beta), se = f$se))

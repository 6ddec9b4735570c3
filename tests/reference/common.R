# What every script that makes reference values shares: versions, tight searches, writing.
#
# metafor stops its searches at absolute differences that are coarse for small tau2 (1e-5 for
# scoring, eps^0.25 for roots). Here they are tightened to rounding, so that the numbers can
# be compared closely; where the defaults would differ by more, that is metafor's choice of
# when to stop, not another estimate.

suppressMessages({
  library(metafor)
  library(metadat)
  library(jsonlite)
})

version_of <- function(package) as.character(packageVersion(package))
versions <- list(R = as.character(getRversion()), metafor = version_of("metafor"),
                 metadat = version_of("metadat"))

# Scoring ends when tau2 moves by less than the threshold: absolute, so it follows the data.
tight <- function(yi) {
  scale <- max(1, var(yi))
  list(threshold = 1e-12 * scale, tol = 1e-14 * scale, maxiter = 100000, tau2.max = 1e6,
       stepadj = 1)
}

# metafor warns where variances differ by a factor of 1e7 or more; the fit is checked anyway.
quietly <- function(expression) {
  withCallingHandlers(expression, warning = function(w) {
    if (grepl("Ratio of largest to smallest", conditionMessage(w))) invokeRestart("muffleWarning")
  })
}

# Numbers at full precision, null where R has NA.
write_reference <- function(value, ...) {
  path <- file.path("tests", "reference", ...)
  dir.create(dirname(path), showWarnings = FALSE, recursive = TRUE)
  writeLines(toJSON(value, auto_unbox = TRUE, digits = NA, na = "null", pretty = 2),
             paste0(path, ".json"))
}

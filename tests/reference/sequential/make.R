# Group-sequential boundaries from multivariate normal probabilities; run from the root.
#
# The boundaries are found one look after another: the probability of a first crossing at a look
# is that of staying within all earlier boundaries less that of staying within this one too, each
# a rectangle probability of mvtnorm with correlations sqrt(t_i / t_j) (algorithm of Miwa, exact
# but for its grid). Nothing here shares code or method with Osler's recursive integration.

source(file.path("tests", "reference", "common.R"))
suppressMessages(library(mvtnorm))
versions$mvtnorm <- version_of("mvtnorm")

spent <- function(t, alpha, kind) {
  t <- pmin(t, 1)
  if (kind == "OBF") 4 * pnorm(qnorm(alpha / 4) / sqrt(t)) else alpha * log(1 + (exp(1) - 1) * t)
}

within <- function(lower, upper, t, mean = rep(0, length(t))) {
  if (length(t) == 1) return(pnorm(upper - mean) - pnorm(lower - mean))
  corr <- outer(t, t, function(a, b) sqrt(pmin(a, b) / pmax(a, b)))
  as.numeric(pmvnorm(lower, upper, mean = mean, corr = corr, algorithm = Miwa(steps = 2048)))
}

boundaries <- function(t, alpha, kind) {
  cumulative <- spent(t, alpha, kind)
  found <- numeric(0)
  for (j in seq_along(t)) {
    stay <- function(c) within(-c(found, c), c(found, c), t[1:j])
    found[j] <- uniroot(function(c) stay(c) - (1 - cumulative[j]), c(0.5, 9), tol = 1e-12)$root
  }
  found
}

first_crossing <- function(t, bounds, drift) {
  before <- c(1, sapply(seq_along(t), function(j)
    within(-bounds[1:j], bounds[1:j], t[1:j], drift * sqrt(t[1:j]))))
  -diff(before)
}

# Futility: |z| below the inner boundary, with a drift; the paths that go on lie in two bands on
# each look, so that every pattern of bands is one rectangle.
futility <- function(t, upper, drift, beta) {
  allowed <- 2 * pnorm(qnorm(beta / 2) / sqrt(t))
  inner <- numeric(0)
  used <- 0
  for (j in seq_len(length(t) - 1)) {
    bands <- if (j > 1) as.matrix(expand.grid(rep(list(c(-1, 1)), j - 1))) else matrix(0, 1, 0)
    reached <- function(a) sum(apply(bands, 1, function(side) {
      low <- if (j > 1) ifelse(side > 0, inner[1:(j - 1)], -upper[1:(j - 1)]) else numeric(0)
      high <- if (j > 1) ifelse(side > 0, upper[1:(j - 1)], -inner[1:(j - 1)]) else numeric(0)
      within(c(low, -a), c(high, a), t[1:j], drift * sqrt(t[1:j]))
    }))
    goal <- allowed[j] - used
    inner[j] <- uniroot(function(a) reached(a) - goal, c(0, upper[j]), tol = 1e-12)$root
    used <- used + reached(inner[j])
  }
  c(inner, upper[length(t)])
}

schedules <- list(five = 1:5 / 5, four = c(0.3, 0.55, 0.8, 1), three = c(0.5, 0.6, 1),
                  two = c(0.25, 0.7), beyond = c(0.4, 0.9, 1.2), one = 0.5)
cases <- list()
for (name in names(schedules)) for (kind in c("OBF", "Pocock")) for (alpha in c(0.05, 0.01)) {
  t <- schedules[[name]]
  bounds <- boundaries(t, alpha, kind)
  cases[[length(cases) + 1]] <- list(
    schedule = name, spending = kind, alpha = alpha, t = I(t), bounds = I(bounds),
    crossing = I(first_crossing(t, bounds, qnorm(1 - alpha / 2) + qnorm(0.9)))
  )
}

three <- c(0.4, 0.7, 1)
upper <- boundaries(three, 0.05, "OBF")
drift <- qnorm(0.975) + qnorm(0.9)
write_reference(list(
  program = versions, spending = "OBF: 4 pnorm(qnorm(alpha / 4) / sqrt(t)); Pocock: alpha log(1 + (e - 1) t)",
  cases = cases,
  futility = list(t = three, upper = upper, drift = drift, beta = 0.1,
                  inner = futility(three, upper, drift, 0.1))
), "sequential", "boundaries")

# What metafor gives for questions of the sciatica example; sourced by make_reference.R.
#
# The rows of every question are chosen here by hand from the example's tables, by the rule
# in the docstring of `answer` (src/osler/synthesis/answers.py), so that the choice of rows is
# compared as well as the numbers. The fits are make_reference.R's, with tightened searches.

example <- file.path("examples", "sciatica")
table_of <- function(name) read.csv(file.path(example, name), colClasses = "character",
                                    na.strings = "", encoding = "UTF-8")
results <- table_of("results.csv")
contrasts_table <- table_of("contrasts.csv")
treatments <- local({
  arms <- table_of("arms.csv")
  setNames(arms$treatment, paste(arms$study, arms$arm))
})
included <- local({
  studies <- table_of("studies.csv")
  setNames(studies$included, studies$id)
})

# Weeks are compared as numbers, and NA stands for a time point that is not reported.
same_week <- function(column, week) {
  if (is.na(week)) is.na(column) else !is.na(column) & as.numeric(column) == week
}

one_row <- function(rows, what) {
  if (nrow(rows) != 1) stop(nrow(rows), " rows instead of one: ", what)
  rows
}

number <- function(row, field) as.numeric(row[[field]])

# --- one study's effect, from the rows named ------------------------------------------------

result_row <- function(study, arm, outcome, week, instrument = NULL) {
  rows <- results[results$study == study & results$arm == arm & results$outcome == outcome &
                    same_week(results$weeks, week), ]
  if (!is.null(instrument)) rows <- rows[rows$instrument == instrument, ]
  one_row(rows, paste(study, arm, outcome, week))
}

# Counts of one arm on either side, as log risk ratio.
counted <- function(study, arm, against, outcome, week, instrument = NULL) {
  one <- result_row(study, arm, outcome, week, instrument)
  two <- result_row(study, against, outcome, week, instrument)
  effect <- escalc("RR", ai = number(one, "events"), n1i = number(one, "n"),
                   ci = number(two, "events"), n2i = number(two, "n"), to = "only0")
  list(study = study, arms = list(arm, against), estimate = effect$yi[1], variance = effect$vi[1],
       from = "counts")
}

# A reported difference; `times` brings its scale to 0-100 (10 for a scale of 0-10).
contrasted <- function(study, arm, against, outcome, week, times = 1, adjusted = NA) {
  t <- contrasts_table
  rows <- t[t$study == study & t$arm == arm & t$comparator_arm == against & t$outcome == outcome &
              same_week(t$weeks, week), ]
  if (!is.na(adjusted)) rows <- rows[rows$adjusted == adjusted, ]
  row <- one_row(rows, paste(study, arm, against, outcome, week))
  if (!is.na(row$se)) {
    se <- number(row, "se")
    from <- "reported standard error"
  } else if (!is.na(row$ci_lower)) {
    se <- (number(row, "ci_upper") - number(row, "ci_lower")) / (2 * qnorm(0.975))
    from <- "reported interval"
  } else {
    se <- abs(number(row, "estimate")) / qnorm(1 - number(row, "p_value") / 2)
    from <- "reported p-value"
  }
  list(study = study, arms = list(arm, against), estimate = times * number(row, "estimate"),
       variance = (times * se)^2, from = from)
}

# Means of three arms, the first two taken together (Cochrane Handbook, section 6.5.2.10).
two_arms_together <- function(study, first, second, against, outcome, week) {
  arms <- lapply(c(first, second, against), function(arm) {
    row <- result_row(study, arm, outcome, week)
    sapply(c(n = "n", mean = "mean", sd = "sd"), function(field) number(row, field))
  })
  a <- arms[[1]]; b <- arms[[2]]; control <- arms[[3]]
  n <- a[["n"]] + b[["n"]]
  gap <- a[["mean"]] - b[["mean"]]
  sd <- sqrt(((a[["n"]] - 1) * a[["sd"]]^2 + (b[["n"]] - 1) * b[["sd"]]^2 +
                a[["n"]] * b[["n"]] / n * gap^2) / (n - 1))
  mean <- (a[["n"]] * a[["mean"]] + b[["n"]] * b[["mean"]]) / n
  effect <- escalc("MD", m1i = mean, sd1i = sd, n1i = n, m2i = control[["mean"]],
                   sd2i = control[["sd"]], n2i = control[["n"]])
  list(study = study, arms = list(paste(first, "and", second), against),
       estimate = effect$yi[1], variance = effect$vi[1], from = "means of three arms")
}

# --- the questions, and which rows answer them ------------------------------------------------

questions <- list(
  "acupuncture vs sham acupuncture / leg pain" = list(
    contrasted("tu-2024", "a1", "a2", "leg pain", 4),
    contrasted("huang-2019", "a1", "a2", "leg pain", 4)
  ),
  "acupuncture vs sham acupuncture / disability" = list(
    contrasted("tu-2024", "a1", "a2", "disability", 4)
  ),
  "acupuncture vs medication / global improvement" = list(
    counted("three-points-one-line", "a1", "a2", "global improvement", 6),
    counted("chen-weikun-2010", "a1", "a2", "global improvement", NA),
    counted("hu-peng-2017", "a1", "a2", "global improvement", NA),
    counted("wei-yeyan-inner-heat", "a1", "a2", "global improvement", 2)
  ),
  "acupuncture added to other care / global improvement" = list(
    counted("wang-dongli-2022", "a1", "a2", "global improvement", 4),
    counted("sinew-needling-2024", "a1", "a2", "global improvement", 4)
  ),
  # Iversen: the sham injection, not the epidural saline arm against it; week 6 is nearest to 4.
  "epidural steroid vs placebo / leg pain" = list(
    contrasted("cohen-2012", "a1", "a3", "leg pain", 4.3, times = 10),
    contrasted("iversen-2011", "a1", "a3", "leg pain", 6, adjusted = "yes"),
    contrasted("miller-2024", "a1", "a2", "leg pain", 4, times = 10)
  ),
  "epidural steroid vs placebo / global improvement" = list(
    counted("valat-2003", "a1", "a2", "global improvement", 2.9),
    counted("nandi-2017", "a1", "a2", "global improvement", 4)
  ),
  # Cohen prints etanercept against the others, not the steroid against saline.
  "epidural steroid vs placebo / disability" = list(
    contrasted("carette-1997", "a1", "a2", "disability", 3),
    contrasted("miller-2024", "a1", "a2", "disability", 4)
  ),
  "gabapentinoid vs placebo / adverse events" = list(
    counted("mathieson-2017", "a1", "a2", "adverse events", 52)
  ),
  "gabapentinoid vs placebo / pain (standardised)" = list(
    contrasted("mathieson-2017", "a1", "a2", "pain (standardised)", 8),
    contrasted("yildirim-2003", "a1", "a2", "pain (standardised)", 8)
  ),
  "nsaid vs placebo / leg pain" = list(
    two_arms_together("dreiser-2001a", "a1", "a2", "a3", "overall pain", 1)
  ),
  # Herrmann's group sizes are not known; Goldie's second week is nearer to 4 than its first.
  "nsaid vs placebo / global improvement" = list(
    counted("weber-1980", "a1", "a2", "global improvement", 0.7),
    counted("goldie-1968", "a1", "a2", "global improvement", 2)
  ),
  "surgery vs conservative care / leg pain at six months" = list(
    contrasted("bailey-2020", "a1", "a2", "leg pain", 26, times = 10)
  ),
  # The first three days (Finckh, Balakrishnamoorthy) are outside the window.
  "systemic steroid vs placebo / leg pain" = list(
    contrasted("goldberg-2015", "a1", "a2", "leg pain", 3, times = 10),
    contrasted("friedman-2008", "a1", "a2", "overall pain", 4.3, times = 10)
  )
)

# --- the fits -----------------------------------------------------------------------------

# The interval that Osler's "auto" means: Hartung-Knapp from three studies and tau2 above 0.
automatic <- function(effects) {
  if (nrow(effects) == 1) return(rma(yi, vi, data = effects, method = "FE"))
  wald <- fit_of(effects, "REML", "z")
  if (nrow(effects) >= 3 && wald$tau2 > 0) fit_of(effects, "REML", "knha") else wald
}

pooled <- function(fit) {
  list(estimate = fit$beta[1, 1], se = fit$se, ci_lower = fit$ci.lb, ci_upper = fit$ci.ub,
       p_value = fit$pval, tau2 = fit$tau2, i2 = fit$I2 / 100, q = fit$QE,
       ci_method = if (fit$test == "knha") "HKSJ" else "Wald")
}

of_question <- function(studies) {
  if (any(included[sapply(studies, `[[`, "study")] != "yes")) stop("an excluded study is used")
  effects <- data.frame(yi = sapply(studies, `[[`, "estimate"),
                        vi = sapply(studies, `[[`, "variance"))
  list(studies = studies, pooled = pooled(automatic(effects)))
}

# All nine trials of the living review of gabapentinoids, whatever this folder does with them.
living_review <- function() {
  rows <- contrasts_table[startsWith(contrasts_table$outcome, "pain (standardised)"), ]
  effects <- data.frame(yi = as.numeric(rows$estimate), vi = as.numeric(rows$se)^2)
  list(studies = rows$study, estimates = effects$yi, variances = effects$vi,
       pooled = pooled(fit_of(effects, "DL", "knha")))
}

write_json_file(list(
  program = versions[c("R", "metafor")],
  calls = list(
    counts = 'escalc("RR", to = "only0")',
    means = 'escalc("MD"), two arms taken together by section 6.5.2.10 of the Cochrane Handbook',
    interval = "se = (upper - lower) / (2 * qnorm(0.975))",
    p_value = "se = |estimate| / qnorm(1 - p / 2)",
    fit = 'rma(yi, vi, method = "REML", test = "knha" from three studies and tau2 > 0, else "z")',
    one_study = 'rma(yi, vi, method = "FE")',
    living_review = 'rma(yi, vi, method = "DL", test = "knha")'
  ),
  questions = lapply(questions, of_question),
  living_review = living_review()
), "sciatica")

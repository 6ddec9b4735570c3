# Aalen-Johansen estimates by R's survival on its own data: mgus2 (time to plasma cell
# malignancy, with death competing) and veteran (one kind of end: Kaplan-Meier).
suppressMessages({ library(survival); library(jsonlite) })

told <- function(name, time, cause, kinds) {
  kind <- factor(cause, 0:kinds)
  fit <- survfit(Surv(time, kind) ~ 1, conf.type = "log-log")
  ends <- -1
  out <- list(
    source = sprintf("R survival %s, survfit(Surv(time, factor(cause)) ~ 1, conf.type = 'log-log'), data %s",
                     packageVersion("survival"), name),
    time = time, cause = cause, kinds = kinds, times = fit$time,
    at_risk = fit$n.risk[, 1], waiting = fit$pstate[, 1],
    share = fit$pstate[, ends, drop = FALSE], se = fit$std.err[, ends, drop = FALSE],
    ci_lower = fit$lower[, ends, drop = FALSE], ci_upper = fit$upper[, ends, drop = FALSE])
  write_json(out, file.path("tests", "reference", "practice", paste0(name, ".json")),
             digits = NA, auto_unbox = TRUE, na = "null")
}

m <- mgus2[1:250, ]
cause <- ifelse(m$pstat == 1, 1, ifelse(m$death == 1, 2, 0))
told("mgus2", ifelse(m$pstat == 1, m$ptime, m$futime), cause, 2)
told("veteran", veteran$time, veteran$status, 1)

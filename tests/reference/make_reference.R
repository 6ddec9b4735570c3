# What metafor gives for known data sets; run by `make reference` from the root of the project.

source(file.path("tests", "reference", "common.R"))

folder <- file.path("tests", "reference", "metafor")
dir.create(folder, showWarnings = FALSE)

# --- the data: arms where they are known, and the effects that escalc makes of them -------

counts <- function(data, measure, to = "only0", ...) {
  arms <- data.frame(e1 = data$ai, n1 = data$n1i, e2 = data$ci, n2 = data$n2i)
  arms <- arms[complete.cases(arms), ]
  effects <- escalc(measure, ai = e1, n1i = n1, ci = e2, n2i = n2, data = arms, to = to,
                    drop00 = measure %in% c("RR", "OR"))
  both <- with(arms, e1 + e2 == 0 | e1 + e2 == n1 + n2)
  if (measure != "RD") effects$yi[both] <- NA
  list(measure = measure, arms = arms, effects = effects,
       escalc = sprintf('escalc("%s", to = "%s")', measure, to))
}

moments <- function(data, measure) {
  arms <- data.frame(m1 = data$m1i, sd1 = data$sd1i, n1 = data$n1i,
                     m2 = data$m2i, sd2 = data$sd2i, n2 = data$n2i)
  arms <- arms[complete.cases(arms), ]
  effects <- escalc(measure, m1i = m1, sd1i = sd1, n1i = n1, m2i = m2, sd2i = sd2, n2i = n2,
                    data = arms)
  list(measure = measure, arms = arms, effects = effects,
       escalc = sprintf('escalc("%s")', measure))
}

generic <- function(effects, measure, escalc) {
  list(measure = measure, arms = NULL, effects = effects[complete.cases(effects$yi, effects$vi), ],
       escalc = escalc)
}

bcg <- with(dat.bcg, data.frame(ai = tpos, n1i = tpos + tneg, ci = cpos, n2i = cpos + cneg))
collins <- with(dat.collins1985b, data.frame(ai = pre.xti, n1i = pre.nti, ci = pre.xci, n2i = pre.nci))
dorn <- with(dat.dorn2007, data.frame(ai = x.a, n1i = n.a, ci = x.p, n2i = n.p))
hart <- escalc("IRR", x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i, data = dat.hart1999)

sets <- list(
  bcg_RR = counts(bcg, "RR"),
  bcg_OR = counts(bcg, "OR"),
  bcg_RD = counts(bcg, "RD", to = "none"),
  collins1985b_OR = counts(collins, "OR"),
  cohen1981_ZCOR = generic(escalc("ZCOR", ri = ri, ni = ni, data = dat.cohen1981), "ZCOR",
                           'escalc("ZCOR")'),
  curtis1998_MD = moments(dat.curtis1998, "MD"),
  curtis1998_SMD = moments(dat.curtis1998, "SMD"),
  dorn2007_RR = counts(dorn, "RR"),
  egger2001_OR = counts(dat.egger2001, "OR"),
  egger2001_RR = counts(dat.egger2001, "RR"),
  gibson2002_MD = moments(dat.gibson2002, "MD"),
  gibson2002_SMD = moments(dat.gibson2002, "SMD"),
  hackshaw1998_OR = generic(dat.hackshaw1998, "OR", "yi and vi of the data set"),
  hart1999_IRR = generic(hart, "IRR", 'escalc("IRR")'),
  hine1989_RD = counts(dat.hine1989, "RD", to = "none"),
  lau1992_OR = counts(dat.lau1992, "OR"),
  lee2004_OR = counts(dat.lee2004, "OR"),
  li2007_OR = counts(dat.li2007, "OR"),
  linde2005_RR = counts(dat.linde2005, "RR"),
  mcdaniel1994_ZCOR = generic(escalc("ZCOR", ri = ri, ni = ni, data = dat.mcdaniel1994), "ZCOR",
                              'escalc("ZCOR")'),
  molloy2014_ZCOR = generic(escalc("ZCOR", ri = ri, ni = ni, data = dat.molloy2014), "ZCOR",
                            'escalc("ZCOR")'),
  nielweise2007_OR = counts(dat.nielweise2007, "OR"),
  normand1999_MD = moments(dat.normand1999, "MD"),
  normand1999_SMD = moments(dat.normand1999, "SMD"),
  raudenbush1985_SMD = generic(dat.raudenbush1985, "SMD", "yi and vi of the data set")
)

# --- the fits -----------------------------------------------------------------------------

fit_of <- function(effects, method, test) {
  quietly(rma(yi, vi, data = effects, method = method, test = test,
              control = tight(effects$yi)))
}

interval <- function(fit) {
  prediction <- predict(fit)
  list(estimate = fit$beta[1, 1], se = fit$se, statistic = fit$zval, p_value = fit$pval,
       ci_lower = fit$ci.lb, ci_upper = fit$ci.ub,
       pred_lower = prediction$pi.lb, pred_upper = prediction$pi.ub)
}

random_effects <- function(effects, method) {
  fits <- lapply(c(z = "z", t = "t", knha = "knha", adhoc = "adhoc"),
                 function(test) fit_of(effects, method, test))
  first <- fits$z
  c(list(tau2 = first$tau2, i2 = first$I2 / 100, h2 = first$H2), lapply(fits, interval))
}

tau2_interval <- function(effects) {
  found <- confint(fit_of(effects, "DL", "z"), type = "QP",
                   control = list(tol = 1e-14, maxiter = 100000, tau2.max = 1e6))
  list(lower = found$random["tau^2", "ci.lb"], upper = found$random["tau^2", "ci.ub"])
}

study_effects <- function(set) {
  lapply(seq_len(nrow(set$effects)), function(i) {
    out <- list(estimate = set$effects$yi[i], variance = set$effects$vi[i])
    if (is.na(out$estimate)) out <- list(estimate = NA, variance = NA)
    if (!is.null(set$arms)) out$arms <- as.list(set$arms[i, ])
    out
  })
}

reference <- function(name) {
  set <- sets[[name]]
  used <- set$effects[!is.na(set$effects$yi), ]
  common <- quietly(rma(yi, vi, data = used, method = "FE"))
  list(
    program = versions,
    data = paste0("metadat dat.", sub("_.*", "", name)),
    effects_by = set$escalc,
    fits_by = paste('rma(yi, vi, method = METHOD, test = TEST, control = list(threshold = 1e-12,',
                    'tol = 1e-14, maxiter = 100000, tau2.max = 1e6)); threshold and tol times',
                    'var(yi) where that is above 1'),
    measure = set$measure,
    studies = study_effects(set),
    common = c(interval(common)[1:6], list(q = common$QE, q_p_value = common$QEp)),
    tau2_interval_QP = tau2_interval(used),
    random = lapply(c(DL = "DL", PM = "PM", REML = "REML"),
                    function(method) random_effects(used, method))
  )
}

write_json_file <- function(value, name) {
  text <- toJSON(value, auto_unbox = TRUE, digits = NA, na = "null", pretty = 2)
  writeLines(text, file.path(folder, paste0(name, ".json")))
}

for (name in names(sets)) write_json_file(reference(name), name)

# --- subgroups: separate tau2, then the test between them ---------------------------------

subgroups <- function(effects, by) {
  names <- unique(by)
  fits <- lapply(names, function(group) fit_of(effects[by == group, ], "REML", "z"))
  means <- sapply(fits, function(fit) fit$beta[1, 1])
  errors <- sapply(fits, function(fit) fit$se)
  between <- rma(means, sei = errors, method = "FE")
  list(names = names, means = means, se = errors, tau2 = sapply(fits, function(fit) fit$tau2),
       q = between$QE, df = length(names) - 1, p_value = between$QEp)
}

by_allocation <- c(
  list(program = versions, data = "metadat dat.bcg by alloc, log RR",
       fits_by = 'rma(method = "REML") a subgroup, then rma(method = "FE") on their means',
       groups = dat.bcg$alloc),
  subgroups(sets$bcg_RR$effects, dat.bcg$alloc)
)

# --- subgroups: one tau2 for all ---------------------------------------------------------

with_common_tau2 <- function(effects, by, method) {
  fit <- quietly(rma(yi, vi, mods = ~ 0 + by, data = effects, method = method,
                     control = tight(effects$yi)))
  list(tau2 = fit$tau2, means = drop(fit$beta)[paste0("by", unique(by))],
       se = setNames(fit$se, rownames(fit$beta))[paste0("by", unique(by))],
       q = quietly(rma(yi, vi, mods = ~ by, data = effects, method = method,
                       control = tight(effects$yi)))$QM)
}

common_tau2 <- list(
  program = versions, data = "metadat dat.bcg by alloc, log RR",
  fits_by = 'rma(mods = ~ 0 + alloc, method = METHOD); QM of rma(mods = ~ alloc)',
  methods = sapply(c("REML", "ML", "DL", "PM", "PMM", "EB", "HE"), function(method) {
    lapply(with_common_tau2(sets$bcg_RR$effects, dat.bcg$alloc, method), unname)
  }, simplify = FALSE)
)

# --- what metafor gives when it is not told to go on ---------------------------------------

rd <- sets$bcg_RD$effects
defaults <- list(
  program = versions, data = "metadat dat.bcg, risk difference",
  tau2_PM_default = rma(yi, vi, data = rd, method = "PM")$tau2,
  tau2_PM_tight = fit_of(rd, "PM", "z")$tau2,
  data_two = "metadat dat.gibson2002, mean difference",
  tau2_REML_from_default_start = rma(yi, vi, data = sets$gibson2002_MD$effects)$tau2,
  tau2_REML_from_zero = rma(yi, vi, data = sets$gibson2002_MD$effects,
                            control = list(tau2.init = 0, threshold = 1e-10))$tau2
)

# --- distributions ------------------------------------------------------------------------

df <- c(1, 2, 3, 5, 12, 29, 101, 1000)
p <- c(0.005, 0.025, 0.1, 0.3, 0.5, 0.8, 0.95, 0.975, 0.995)
x <- c(0.01, 0.5, 1, 1.96, 4, 8, 30)
distributions <- list(
  program = versions["R"], p = p, df = df, x = x,
  normal_quantile = qnorm(p),
  normal_two_sided = 2 * pnorm(-x),
  t_quantile = lapply(df, function(d) qt(p, d)),
  t_two_sided = lapply(df, function(d) 2 * pt(-x, d)),
  chi2_quantile = lapply(df, function(d) qchisq(p, d)),
  chi2_tail = lapply(df, function(d) pchisq(x, d, lower.tail = FALSE))
)

folder <- file.path("tests", "reference")
write_json_file(by_allocation, "subgroups_bcg")
write_json_file(common_tau2, "subgroups_common_bcg")
write_json_file(defaults, "defaults")
write_json_file(distributions, "distributions")

# --- the sciatica example ----------------------------------------------------------------

source(file.path("tests", "reference", "make_sciatica.R"))

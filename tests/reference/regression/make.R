# Meta-regressions by metafor: methods x tests on real data sets, then everything that is made
# from a fit. Run from the root of the project: Rscript tests/reference/regression/make.R
source(file.path("tests", "reference", "common.R"))

estimators <- c("REML", "ML", "DL", "HE", "HS", "HSk", "SJ", "PM", "PMM", "EB", "FE")
tests <- c("z", "t", "knha", "adhoc")

# Each data set: what rma() sees, moderators for both sides, the formula in R and in Python.
set <- function(dat, formula, moderators, python = formula, keep = TRUE) {
  dat <- as.data.frame(dat)[keep, , drop = FALSE]
  dat <- dat[complete.cases(dat[, c("yi", "vi", moderators)]), ]
  list(dat = dat, formula = formula, python = python, moderators = moderators)
}

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
curtis <- escalc(measure = "ROM", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i,
                 n2i = n2i, data = dat.curtis1998)
molloy <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.molloy2014)
mcdaniel <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.mcdaniel1994)
craft <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.craft2003)
crede <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.crede2010)
linde <- escalc(measure = "RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.linde2005)
dorn <- escalc(measure = "RR", ai = x.a, n1i = n.a, ci = x.p, n2i = n.p, data = dat.dorn2007)
bruin <- escalc(measure = "PLO", xi = xi, ni = ni, data = dat.debruin2009)
prevention <- escalc(measure = "OR", ai = n.cbt.rec, bi = n.cbt.non, ci = n.ctrl.rec,
                     di = n.ctrl.non, data = dat.landenberger2005)
gibson <- escalc(measure = "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i,
                 n2i = n2i, data = dat.gibson2002)
trials <- escalc(measure = "OR", ai = xTi, n1i = nTi, ci = xCi, n2i = nCi,
                 data = dat.viechtbauer2021)
obrien <- escalc(measure = "PLO", xi = cases, ni = total, data = dat.obrien2003)
colditz <- escalc(measure = "OR", ai = tpos, bi = tneg, ci = cpos, di = cneg,
                  data = dat.colditz1994)
baskerville <- dat.baskerville2012
baskerville$yi <- baskerville$smd
baskerville$vi <- baskerville$se^2
lopez <- dat.lopez2019
lopez <- escalc(measure = "MD", yi = diff, sei = se, data = lopez)
vanhowe <- escalc(measure = "OR", ai = cir.pos, bi = cir.neg, ci = non.pos, di = non.neg,
                  data = dat.vanhowe1999)
nakagawa <- escalc(measure = "ZCOR", ri = Correlation, ni = SampleSize, data = dat.nakagawa2007)

sets <- list(
  bcg_latitude = set(bcg, "~ ablat", "ablat"),
  bcg_allocation = set(bcg, "~ alloc", "alloc"),
  bcg_three = set(bcg, "~ ablat + year + alloc", c("ablat", "year", "alloc")),
  bcg_interaction = set(bcg, "~ ablat * year", c("ablat", "year")),
  bcg_cell_means = set(bcg, "~ 0 + alloc", "alloc"),
  colditz = set(colditz, "~ ablat", "ablat"),
  bangertdrowns_feedback = set(dat.bangertdrowns2004, "~ length + wic + feedback + info",
                               c("length", "wic", "feedback", "info")),
  bangertdrowns_grade = set(dat.bangertdrowns2004, "~ factor(grade)", "grade", "~ C(grade)"),
  raudenbush = set(dat.raudenbush1985, "~ weeks", "weeks"),
  raudenbush_setting = set(dat.raudenbush1985, "~ weeks + setting", c("weeks", "setting")),
  curtis = set(curtis, "~ fungrp + time", c("fungrp", "time"), keep = 1:60),
  konstantopoulos = set(dat.konstantopoulos2011, "~ year", "year"),
  molloy = set(molloy, "~ design + meanage + quality", c("design", "meanage", "quality")),
  lehmann = set(dat.lehmann2018, "~ PRPublication + Gender", c("PRPublication", "Gender"),
                keep = 1:60),
  assink = set(dat.assink2016, "~ pubstatus + year + deltype", c("pubstatus", "year", "deltype"),
               keep = 1:60),
  mcdaniel = set(mcdaniel, "~ type + struct", c("type", "struct"), keep = 1:60),
  craft = set(craft, "~ sport", "sport"),
  crede = set(crede, "~ class + year", c("class", "year"), keep = 1:60),
  linde = set(linde, "~ baseline + dosage", c("baseline", "dosage")),
  dorn = set(dorn, "~ days + jadad", c("days", "jadad")),
  debruin = set(bruin, "~ scq + patients", c("scq", "patients")),
  landenberger = set(prevention, "~ designprob + hrs_total + male",
                     c("designprob", "hrs_total", "male")),
  gibson = set(gibson, "~ type", "type"),
  viechtbauer = set(trials, "~ dose", "dose"),
  obrien = set(obrien, "~ bmi", "bmi"),
  baskerville = set(baskerville, "~ duration + tailor", c("duration", "tailor")),
  lopez = set(lopez, "~ group + length", c("group", "length"), keep = 1:60),
  vanhowe = set(vanhowe, "~ category", "category"),
  nakagawa = set(nakagawa, "~ Place", "Place"),
  tannersmith = set(dat.tannersmith2016, "~ aget1 + propmale", c("aget1", "propmale"), keep = 1:60)
)

plain <- function(x) unname(as.vector(x))

fitted_by <- function(d, method, test) {
  quietly(rma(yi, vi, mods = as.formula(d$formula), data = d$dat, method = method, test = test,
              control = tight(d$dat$yi)))
}

# What depends on the estimator of tau2 but not on the test.
by_estimator <- function(d, method) {
  fit <- fitted_by(d, method, "knha")
  stats <- fit$fit.stats[, if (method == "REML") "REML" else "ML"]
  list(tau2 = fit$tau2, tau2_se = if (method == "FE") NA else fit$se.tau2, i2 = fit$I2 / 100,
       h2 = fit$H2, r2 = if (is.null(fit$R2)) NA else fit$R2 / 100,
       b = plain(fit$b), fit = stats, tests = by_test(d, method))
}

by_test <- function(d, method) {
  # One test tells an estimator right; all four are made for three estimators.
  chosen <- if (method %in% c("REML", "DL", "PM")) tests else "knha"
  setNames(lapply(chosen, function(test) {
    fit <- fitted_by(d, method, test)
    list(se = plain(fit$se), z = plain(fit$zval), p = plain(fit$pval), lower = plain(fit$ci.lb),
         upper = plain(fit$ci.ub), vcov = if (test == "knha") unname(fit$vb), qm = fit$QM, qm_p = fit$QMp,
         qm_df = fit$m)
  }), chosen)
}

# What is made from a fit.
derived <- function(d, method, test) {
  fit <- fitted_by(d, method, test)
  p <- fit$p
  inf <- suppressWarnings(influence(fit))
  res <- suppressWarnings(rstudent(fit))
  contrast <- matrix(seq_len(p) - 0.5, nrow = 1)
  both <- anova(fit, X = contrast)
  new <- rbind(colMeans(fit$X), fit$X[1, ] * 0.5)
  if (fit$int.incl) new[, 1] <- 1
  free <- if (fit$int.only) NULL else if (fit$int.incl) new[, -1, drop = FALSE] else new
  pred <- predict(fit, newmods = free)
  list(method = method, test = test,
       rstandard = plain(rstandard(fit)$z), rstudent = plain(res$z), rstudent_se = plain(res$se),
       hat = plain(hatvalues(fit)), dffits = plain(inf$inf$dffits), cook = plain(inf$inf$cook.d),
       cov_ratio = plain(inf$inf$cov.r), tau2_deleted = plain(inf$inf$tau2.del),
       q_deleted = plain(inf$inf$QE.del), weights = plain(inf$inf$weight) / 100,
       dfbetas = unname(as.matrix(as.data.frame(inf$dfbs))),
       vif = if (fit$int.incl && p > 2) plain(sapply(2:p, function(j) vif(fit, btt = j)$vifs)) else NULL,
       gvif = if (fit$int.incl && p > 3) plain(vif(fit, btt = 2:3)$vifs) else NULL,
       anova_last = list(qm = anova(fit, btt = p)$QM, p = anova(fit, btt = p)$QMp),
       contrast = list(row = plain(contrast), estimate = plain(both$Xb), se = plain(both$se),
                       z = plain(both$zval), p = plain(both$pval), qm = plain(both$QM)),
       predict = list(new = unname(new), pred = plain(pred$pred), se = plain(pred$se),
                      lower = plain(pred$ci.lb), upper = plain(pred$ci.ub),
                      pred_lower = plain(pred$pi.lb), pred_upper = plain(pred$pi.ub)))
}

profile <- function(d) {
  fit <- quietly(rma(yi, vi, mods = as.formula(d$formula), data = d$dat, method = "DL"))
  found <- confint(fit, control = list(tol = 1e-14, tau2.max = 1e4))$random["tau^2", ]
  list(qe = fit$QE, qe_p = fit$QEp, lower = found[["ci.lb"]], upper = found[["ci.ub"]])
}

one <- function(d) {
  X <- model.matrix(as.formula(d$formula), data = d$dat)
  list(formula = sub("^~ *", "", d$python), moderators = as.list(d$dat[, d$moderators, drop = FALSE]),
       y = plain(d$dat$yi), v = plain(d$dat$vi), X = unname(X), names = colnames(X),
       profile = profile(d),
       estimators = setNames(lapply(estimators, function(m) by_estimator(d, m)), estimators),
       derived = if (nrow(d$dat) <= 30) list(derived(d, "REML", "knha"), derived(d, "DL", "z"),
                                             derived(d, "PM", "adhoc")) else list())
}

write_reference(list(versions = versions, call = "rma(yi, vi, mods = formula, method, test)",
                     sets = lapply(sets, one)), "regression", "regressions")

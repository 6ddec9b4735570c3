# What metafor gives for single studies and sets of studies; run from the root of the project.

source(file.path("tests", "reference", "common.R"))

effects <- function(data) {
  out <- data.frame(yi = as.numeric(data$yi), vi = as.numeric(data$vi))
  out[complete.cases(out), ]
}

hart <- escalc("IRR", x1i = x1i, t1i = t1i, x2i = x2i, t2i = t2i, data = dat.hart1999)
lee <- escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.lee2004)
sets <- list(
  bcg = effects(escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)),
  bcg_RD = effects(escalc("RD", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)),
  collins1985b = effects(escalc("OR", ai = pre.xti, n1i = pre.nti, ci = pre.xci, n2i = pre.nci,
                                data = dat.collins1985b)),
  egger2001 = effects(escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.egger2001)),
  hackshaw1998 = effects(dat.hackshaw1998),
  hart1999 = effects(hart),
  hine1989 = effects(escalc("RD", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.hine1989)),
  lau1992 = effects(escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.lau1992)),
  lee2004 = effects(lee),
  li2007 = effects(escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.li2007)),
  linde2005 = effects(escalc("RR", ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = dat.linde2005)),
  molloy2014 = effects(escalc("ZCOR", ri = ri, ni = ni, data = dat.molloy2014)),
  nielweise2007 = effects(escalc("OR", ai = ai, n1i = n1i, ci = ci, n2i = n2i,
                                 data = dat.nielweise2007)),
  normand1999 = effects(escalc("MD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i,
                               n2i = n2i, data = dat.normand1999)),
  raudenbush1985 = effects(dat.raudenbush1985)
)

options(warn = 1)
pdf(NULL)

fit_of <- function(d, method, test = "z", init = NULL) {
  control <- if (method %in% c("FE", "DL")) list() else tight(d$yi)
  if (!is.null(init)) control$tau2.init <- init
  quietly(rma(yi, vi, data = d, method = method, test = test, control = control))
}

# The restricted likelihood can have several maxima. A set is kept only where metafor's search
# ends at the highest, tried from several starts, with every study and without each.
highest <- function(d, method) {
  if (method != "REML") return(TRUE)
  one <- function(part) {
    found <- fit_of(part, method)
    others <- lapply(var(part$yi) * c(0, 2), function(init)
      tryCatch(fit_of(part, method, init = init), error = function(e) NULL))
    others <- Filter(Negate(is.null), others)
    best <- max(sapply(others, function(f) as.numeric(logLik(f))))
    as.numeric(logLik(found)) > best - 1e-9
  }
  one(d) && all(sapply(seq_len(nrow(d)), function(i) one(d[-i, ])))
}

numbers <- function(x) lapply(unclass(x)[sapply(unclass(x), is.numeric)], as.numeric)

kept <- c("estimate", "se", "pval", "ci.lb", "ci.ub", "Q", "Qp", "tau2", "I2", "H2")
refits <- function(x) {
  found <- unclass(x)
  names(found)[names(found) == "pvals"] <- "pval"
  found[intersect(kept, names(found))]
}

study_measures <- function(d, method) {
  fit <- fit_of(d, method)
  found <- influence(fit)
  inf <- numbers(found$inf)
  baujat <- baujat(fit)
  radial <- radial(fit)
  qq <- qqnorm(fit, type = "rstandard", envelope = FALSE)
  list(
    residual = as.numeric(residuals(fit)), rstandard = rstandard(fit)$z, rstudent = inf$rstudent,
    dffits = inf$dffits, cook.d = inf$cook.d, cov.r = inf$cov.r, tau2.del = inf$tau2.del,
    QE.del = inf$QE.del, hat = inf$hat, weight = inf$weight, dfbs = as.numeric(found$dfbs[[1]]),
    influential = as.logical(found$is.infl),
    baujat_x = baujat$x, baujat_y = baujat$y, radial_x = radial$x, radial_y = radial$y,
    qq_x = sort(as.numeric(qq$x)), qq_y = sort(as.numeric(qq$y)),
    leave1out = refits(leave1out(fit)),
    leave1out_knha = if (method == "FE") NULL else refits(leave1out(fit_of(d, method, "knha"))),
    cumul = refits(cumul(fit))
  )
}

for (name in names(sets)) {
  d <- sets[[name]]
  methods <- Filter(function(m) highest(d, m), c("FE", "DL", "REML"))
  write_reference(list(
    program = versions, data = paste0("metadat dat.", sub("_.*", "", name)),
    fits_by = paste("rma(yi, vi, method, test = \"z\"), REML with control = list(threshold = 1e-12,",
                    "tol = 1e-14, maxiter = 100000) times var(yi) where that is above 1; influence,",
                    "rstandard, baujat, radial, qqnorm, leave1out, cumul; *_knha: test = \"knha\""),
    yi = d$yi, vi = d$vi, by = sapply(methods, function(m) study_measures(d, m), simplify = FALSE)
  ), "influence", name)
}

# --- all subsets --------------------------------------------------------------------------

subsets <- function(d, method, rows) {
  part <- d[rows, ]
  fit <- fit_of(part, method)
  found <- suppressMessages(gosh(fit, progbar = FALSE))
  code <- as.numeric(found$incl %*% 2^(seq_len(nrow(part)) - 1))
  order <- order(code)
  list(yi = part$yi, vi = part$vi, code = code[order], k = found$res$k[order],
       Q = found$res$QE[order], I2 = found$res$I2[order], tau2 = found$res$tau2[order],
       estimate = found$res[["estimate"]][order])
}

for (name in c("bcg", "raudenbush1985", "normand1999", "hackshaw1998")) {
  d <- sets[[name]]
  rows <- seq_len(min(8, nrow(d)))
  write_reference(c(
    list(program = versions, data = paste0("metadat dat.", name, ", the first ", length(rows)),
         fits_by = "gosh(rma(yi, vi, method)); code: bit j is set where study j is in"),
    sapply(c("FE", "DL", "REML"), function(m) subsets(d, m, rows), simplify = FALSE)
  ), "influence", paste0("gosh_", name))
}

# Multilevel and multivariate models by metafor, polished (see polish.R).
source(file.path("tests", "reference", "common.R"))
source(file.path("tests", "reference", "multilevel", "polish.R"))

search <- list(optimizer = "optim", optmethod = "BFGS", reltol = 1e-14, maxit = 1e5)
options(digits = 15)

same_group <- function(...) {
  key <- interaction(..., drop = TRUE, lex.order = TRUE)
  outer(as.integer(key), as.integer(key), "==") * 1
}

# One case: what Osler is asked, what metafor answers.
#
# random: list of terms, each list(groups =) or list(inner =, outer =, struct =) or
# list(species =, R =). mods: column names with an intercept, or a one-sided formula whose
# columns are handed over as a matrix.
case <- function(name, data, V, X, random, method = "REML", test = "z", dfs = "residual",
                 rho = NULL, polish = TRUE, control = search) {
  data <- as.data.frame(data)
  data$yi <- as.numeric(data$yi)
  formulas <- list(); same <- list(); part <- NULL; struct <- "CS"; R <- NULL; columns <- c()
  for (term in random) {
    if (!is.null(term$groups)) {
      key <- do.call(paste, c(unname(as.list(data[term$groups])), sep = "/"))
      id <- paste0("g", length(formulas) + 1)
      data[[id]] <- key
      formulas <- c(formulas, as.formula(paste("~ 1 |", id)))
      same <- c(same, list(same_group(key)))
      columns <- c(columns, term$groups)
    } else if (!is.null(term$species)) {
      formulas <- c(formulas, as.formula(paste("~ 1 |", term$species)))
      at <- match(data[[term$species]], rownames(term$R))
      same <- c(same, list(term$R[at, at]))
      R[[term$species]] <- term$R
      columns <- c(columns, term$species)
    } else {
      struct <- term$struct
      formulas <- c(formulas, as.formula(paste("~", term$inner, "|", term$outer)))
      columns <- c(columns, term$outer, strsplit(term$inner, " + ", fixed = TRUE)[[1]])
      part <- parts(data, term)
    }
  }
  arguments <- list(yi = data$yi, V = V, mods = X, intercept = FALSE, data = data,
                    method = method, test = test, control = control)
  if (length(formulas)) arguments$random <- formulas
  if (!is.null(part)) arguments$struct <- struct
  if (test == "t") arguments$dfs <- dfs
  if (!is.null(R)) arguments <- c(arguments, list(R = R, Rscale = "none"))
  if (!is.null(rho)) arguments$rho <- rho
  f <- quietly(do.call(rma.mv, arguments))
  if (!is.null(part)) {
    part$hold_tau2 <- rep(FALSE, length(f$tau2))
    part$hold_rho <- rep(!is.null(rho), length(f$rho))
  }
  theta <- if (polish) polished(f, same, part) else
    list(sigma2 = f$sigma2, tau2 = f$tau2, rho = f$rho, log_likelihood = as.numeric(logLik(f)),
         slope = NA)
  held <- arguments
  if (f$withS) held$sigma2 <- theta$sigma2
  if (!is.null(part)) {
    held$tau2 <- theta$tau2
    if (!struct %in% c("ID", "DIAG")) held$rho <- theta$rho
  }
  at <- if (polish) quietly(do.call(rma.mv, held)) else f
  stopifnot(abs(as.numeric(logLik(at)) - theta$log_likelihood) < 1e-7 * max(1, abs(theta$log_likelihood)))
  stopifnot(theta$log_likelihood >= as.numeric(logLik(f)) - 1e-9)
  u <- if (length(formulas)) quietly(ranef(at)) else list()
  # Criteria count what f estimated, at the height reached.
  fits <- f$fit.stats[[if (method == "REML") "REML" else "ML"]] -
    2 * (theta$log_likelihood - as.numeric(logLik(f)))
  write_reference(list(
    program = versions, name = name, method = method, test = test, dfs = dfs,
    struct = struct, rho = rho,
    random = lapply(random, function(t) { t$R <- NULL; t }),
    relationship = if (is.null(R)) NULL else
      list(names = rownames(R[[1]]), matrix = unname(as.matrix(R[[1]]))),
    data = c(list(yi = data$yi), as.list(data[unique(columns)])),
    variances = if (is.null(dim(V))) as.numeric(V) else NULL,
    V = if (is.null(dim(V))) NULL else unname(as.matrix(V)),
    X = unname(as.matrix(X)),
    values = list(
      polished = polish, slope = theta$slope, log_likelihood = theta$log_likelihood,
      metafor_log_likelihood = as.numeric(logLik(f)),
      sigma2 = if (f$withS) I(theta$sigma2), tau2 = if (!is.null(part)) I(theta$tau2),
      rho = if (!is.null(part)) I(theta$rho),
      beta = I(as.numeric(at$beta)), se = I(at$se), statistic = I(at$zval),
      p_value = I(at$pval), ci_lower = I(at$ci.lb), ci_upper = I(at$ci.ub),
      df = if (test == "t") I(rep(f$ddf, length.out = f$p)) else NULL,
      vcov = unname(at$vb), q = f$QE, q_p = f$QEp, qm = at$QM, qm_p = at$QMp,
      aic = fits[3], bic = fits[4], aicc = fits[5], parms = f$parms,
      ranef = lapply(unname(u), function(e) list(
        names = rownames(e), estimate = I(e$intrcpt), se = I(e$se), lower = I(e$pi.lb),
        upper = I(e$pi.ub)))
    )), "multilevel", name)
  invisible(at)
}

parts <- function(data, term) {
  outer <- same_group(data[[term$outer]])
  if (term$struct == "GEN") {
    A <- cbind(1, as.matrix(data[strsplit(term$inner, " + ", fixed = TRUE)[[1]]]))
    return(list(struct = "GEN", outer = outer, A = A, size = ncol(A), distance = NULL))
  }
  if (startsWith(term$struct, "SP") || term$struct == "CAR") {
    at <- as.matrix(data[strsplit(term$inner, " + ", fixed = TRUE)[[1]]])
    distance <- as.matrix(dist(at))
    dimnames(distance) <- NULL
    return(list(struct = term$struct, outer = outer, A = diag(nrow(data)), size = nrow(data),
                distance = distance))
  }
  level <- factor(data[[term$inner]])
  A <- outer(as.integer(level), seq_len(nlevels(level)), "==") * 1
  steps <- abs(outer(seq_len(nlevels(level)), seq_len(nlevels(level)), "-"))
  list(struct = term$struct, outer = outer, A = A, size = nlevels(level), distance = steps)
}

ones <- function(d) cbind(Intercept = rep(1, nrow(d)))
group <- function(...) list(groups = c(...))
nested <- function(a, b) list(group(a), group(a, b))
inner <- function(inner, outer, struct) list(list(inner = inner, outer = outer, struct = struct))

# Konstantopoulos (2011): schools within districts.
d <- dat.konstantopoulos2011
case("konstantopoulos2011", d, d$vi, ones(d), nested("district", "school"))
case("konstantopoulos2011_ML", d, d$vi, ones(d), nested("district", "school"), method = "ML")
case("konstantopoulos2011_CS", d, d$vi, ones(d), inner("school", "district", "CS"))
case("konstantopoulos2011_ID", d, d$vi, ones(d), inner("school", "district", "ID"))
d$decade <- (d$year - 1985) / 10
case("konstantopoulos2011_year", d, d$vi, cbind(ones(d), decade = d$decade),
     nested("district", "school"), test = "t")
case("konstantopoulos2011_contain", d, d$vi, cbind(ones(d), decade = d$decade),
     nested("district", "school"), test = "t", dfs = "contain")
case("konstantopoulos2011_crossed", d, d$vi, ones(d),
     list(group("district"), group("year"), group("study")))
case("konstantopoulos2011_none", d, d$vi, ones(d), list(), polish = FALSE)

# Berkey et al. (1998): two outcomes.
d <- dat.berkey1998
V <- vcalc(vi = 1, cluster = author, rvars = c(v1i, v2i), data = d)
X <- cbind(AL = d$outcome == "AL", PD = d$outcome == "PD") * 1
case("berkey1998_UN", d, V, X, inner("outcome", "trial", "UN"))
case("berkey1998_UN_ML", d, V, X, inner("outcome", "trial", "UN"), method = "ML")
for (s in c("HCS", "CS", "DIAG", "ID", "AR")) {
  case(paste0("berkey1998_", s), d, V, X, inner("outcome", "trial", s))
}
X <- cbind(X, year_AL = (d$year - 1983) * X[, 1], year_PD = (d$year - 1983) * X[, 2])
case("berkey1998_year_ML", d, V, X, inner("outcome", "trial", "UN"), method = "ML")
case("berkey1998_year_t", d, V, X, inner("outcome", "trial", "UN"), test = "t", dfs = "contain")

# Assink & Wibbelink (2016): many effects a study.
d <- dat.assink2016
case("assink2016", d, d$vi, ones(d), nested("study", "esid"))
V <- vcalc(vi, cluster = study, obs = esid, rho = 0.6, data = d)
case("assink2016_correlated", d, V, ones(d), nested("study", "esid"), test = "t")
X <- cbind(ones(d), covert = d$deltype == "covert", overt = d$deltype == "overt",
           year = as.numeric(d$year))
case("assink2016_moderators", d, V, X, nested("study", "esid"), test = "t", dfs = "contain")
case("assink2016_crossed", d, d$vi, ones(d),
     list(group("study"), group("deltype"), group("id")))

# Ishak et al. (2007): up to four times a study.
d <- reshape(dat.ishak2007, direction = "long", idvar = "study", v.names = c("yi", "vi"),
             varying = list(c(2, 4, 6, 8), c(3, 5, 7, 9)))
d <- d[order(d$study, d$time), ]
d <- d[!is.na(d$yi), ]
d$study <- as.character(d$study)
rownames(d) <- NULL
V <- vcalc(vi, cluster = study, time1 = time, phi = 0.97, data = d)
X <- sapply(1:4, function(t) (d$time == t) * 1)
for (s in c("HAR", "AR", "CAR", "CS", "HCS", "DIAG", "UN")) {
  # The matrix of UN is singular at the maximum: there is no slope to take to 0.
  case(paste0("ishak2007_", s), d, V, X, inner("time", "study", s), polish = s != "UN")
}
for (s in c("SPEXP", "SPGAU", "SPRAT")) {
  case(paste0("ishak2007_", s), d, V, X, inner("time", "study", s),
       control = c(search, list(rho.init = 1)))
}

# Kalaian & Raudenbush (1996): verbal and mathematics.
d <- dat.kalaian1996
V <- vcalc(vi, cluster = study, type = outcome, rho = 0.66, data = d)
X <- cbind(verbal = d$outcome == "verbal", math = d$outcome == "math") * 1
case("kalaian1996_UN", d, V, X, inner("outcome", "study", "UN"))
known <- !is.na(d$hrs)
case("kalaian1996_hours_ML", d[known, ], V[known, known], cbind(X, log(d$hrs) * X)[known, ],
     inner("outcome", "study", "UN"), method = "ML")

# Colditz et al. (1994) as van Houwelingen et al. (2002): log odds in both arms.
d <- to.long(measure = "OR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.colditz1994)
levels(d$group) <- c("EXP", "CON")
d <- escalc(measure = "PLO", xi = out1, mi = out2, data = d)
d$group <- as.character(d$group)
X <- cbind(CON = d$group == "CON", EXP = d$group == "EXP") * 1
case("colditz1994_UN_ML", d, d$vi, X, inner("group", "trial", "UN"), method = "ML")
case("colditz1994_UN", d, d$vi, X, inner("group", "trial", "UN"))

# Riley et al. (2003): two outcomes, sampling errors taken as independent.
d <- dat.riley2003
d$outcome <- as.character(d$outcome)
X <- cbind(DFS = d$outcome == "DFS", OS = d$outcome == "OS") * 1
case("riley2003_UN", d, d$vi, X, inner("outcome", "study", "UN"))

# Fine et al. (1993): four times, AR and CAR.
d <- dat.fine1993
d <- do.call(rbind, lapply(1:4, function(t) {
  e <- d[[paste0("e", t, "i")]]; c <- d[[paste0("c", t, "i")]]
  escalc(measure = "OR", ai = e, bi = nei - e, ci = c, di = nci - c,
         data = data.frame(study = d$study, time = t, nei = d$nei, nci = d$nci))
}))
d <- d[order(d$study, d$time), ]
d <- d[!is.na(d$yi), ]
V <- vcalc(vi, cluster = study, time1 = time, phi = 0.6, data = d)
X <- sapply(1:4, function(t) (d$time == t) * 1)
for (s in c("AR", "HAR", "CS")) case(paste0("fine1993_", s), d, V, X, inner("time", "study", s))

# Crede et al. (2010): correlations, samples within studies.
d <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.crede2010)
d <- d[!is.na(d$yi), ]
case("crede2010", d, d$vi, ones(d), nested("studyid", "sampleid"))
case("crede2010_grade", d, d$vi, cbind(ones(d), grade = (d$criterion == "grade") * 1),
     nested("studyid", "sampleid"), test = "t")

# Knapp et al. (2017): several patient groups against one control group.
d <- dat.knapp2017
d$test <- paste(d$task, d$difficulty)
V <- vcalc(vi, cluster = study, grp1 = group1, grp2 = group2, w1 = n_sz, w2 = n_hc, obs = test,
           rho = 0.4, data = d)
case("knapp2017", d, V, ones(d), nested("study", "comp"))

# Begg et al. (1989): arms of trials and of series.
d <- dat.begg1989
case("begg1989", d, d$vi, cbind(ones(d), BMT = (d$trt == "BMT") * 1), list(group("study")))

# Bornmann et al. (2007): proposals within studies.
d <- escalc(measure = "OR", ai = waward, n1i = wtotal, ci = maward, n2i = mtotal,
            data = dat.bornmann2007)
case("bornmann2007", d, d$vi, ones(d), nested("study", "obs"))

# O'Brien et al. (2003): a dose-response line a study.
d <- escalc(measure = "PR", xi = cases, ni = total, data = dat.obrien2003)
d$bmicent <- ave(d$bmi, d$study, FUN = function(x) x - mean(x))
case("obrien2003_GEN", d, d$vi, cbind(ones(d), bmi = d$bmicent), inner("bmicent", "study", "GEN"))

# Hasselblad (1998): arms of a network with the correlation held.
d <- dat.hasselblad1998
d <- escalc(measure = "PLO", xi = xi, ni = ni, add = 1/2, to = "all", data = d)
d$trt <- as.character(d$trt)
X <- cbind(model.matrix(~ 0 + factor(study), data = d), model.matrix(~ trt, data = d)[, -1])
case("hasselblad1998", d, d$vi, X, inner("trt", "study", "CS"), rho = 0.5)

# Lim et al. (2014): species by Grafen's branch lengths: a pair of species shares what is not
# below its last common node, whose height is (tips below - 1) / (tips - 1).
grafen <- function(tree) {
  tips <- length(tree$tip.label)
  below <- rep(list(integer(0)), max(tree$edge))
  for (i in seq_len(tips)) below[[i]] <- i
  repeat {
    before <- sum(lengths(below))
    for (e in seq_len(nrow(tree$edge))) {
      below[[tree$edge[e, 1]]] <- union(below[[tree$edge[e, 1]]], below[[tree$edge[e, 2]]])
    }
    if (sum(lengths(below)) == before) break
  }
  height <- matrix(Inf, tips, tips)
  for (node in which(seq_along(below) > tips)) {
    set <- below[[node]]
    height[set, set] <- pmin(height[set, set], (length(set) - 1) / (tips - 1))
  }
  diag(height) <- 0
  names <- tree$tip.label
  R <- 1 - height
  dimnames(R) <- list(names, names)
  R
}
lim <- dat.lim2014$o_o_unadj
R <- grafen(dat.lim2014$o_o_unadj_tree)
d <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = lim)
d$animal <- as.character(d$species)
d$phylo <- d$animal
d$row <- seq_len(nrow(d))
R <- R[unique(d$animal), unique(d$animal)]
case("lim2014_phylogeny", d, d$vi, ones(d),
     list(group("article"), group("row"), group("animal"), list(species = "phylo", R = R)))

# Tanner-Smith et al. (2016) and Bakdash et al. (2021): large, several levels.
d <- dat.tannersmith2016
d$esid <- seq_len(nrow(d))
V <- vcalc(vi, cluster = studyid, obs = esid, rho = 0.5, data = d)
case("tannersmith2016", d, V, ones(d), nested("studyid", "esid"))

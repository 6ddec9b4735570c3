# Networks of many shapes, made up from a seed: two treatments, one study, stars, chains, loops,
# studies of up to five arms, no spread and a huge one, thirty treatments. rma.mv is not asked: every
# number comes from generalised least squares with explicit matrices.
source(file.path("tests", "reference", "common.R"))
set.seed(20261123)

gen <- function(designs, trts, tau=0.3, vmin=.02, vmax=.2, eff=NULL) {
  if (is.null(eff)) eff <- setNames(rnorm(length(trts)), trts)
  rows <- list()
  for (i in seq_along(designs)) {
    arms <- designs[[i]]
    m <- length(arms)
    v <- runif(m, vmin, vmax)
    truth <- eff[arms]
    if (tau > 0) truth <- truth + c(0, t(chol(tau^2 * (diag(m - 1) + 1) / 2)) %*% rnorm(m - 1))
    rows[[i]] <- list(study = paste0("S", i), arms = arms, y = rnorm(m, truth, sqrt(v)), v = v)
  }
  rows
}

# Everything by generalised least squares with explicit matrices.
fit <- function(rows) {
  d <- do.call(rbind, lapply(rows, function(r)
    data.frame(study = r$study, t = r$arms[-1], c = r$arms[1], y = r$y[-1] - r$y[1])))
  V <- as.matrix(bldiag(lapply(rows, function(r) diag(r$v[-1], length(r$v) - 1) + r$v[1])))
  names <- sort(unique(c(d$t, d$c)), method = "radix")
  X <- matrix(sapply(names[-1], function(t) (d$t == t) - (d$c == t)), nrow = nrow(d))
  S <- outer(d$study, d$study, "==") * 0.5
  diag(S) <- 1
  gls <- function(tau2, X) {
    found <- qr(X)
    X <- X[, found$pivot[seq_len(found$rank)], drop = FALSE]
    W <- solve(V + tau2 * S)
    C <- solve(t(X) %*% W %*% X)
    P <- W - W %*% X %*% C %*% t(X) %*% W
    list(C = C, b = c(C %*% t(X) %*% W %*% d$y), P = P, W = W, X = X, q = c(t(d$y) %*% P %*% d$y),
         df = nrow(X) - ncol(X))
  }
  moments <- function(X) {
    f <- gls(0, X)
    if (f$df == 0) 0 else max(0, (f$q - f$df) / sum(f$P * S))
  }
  score <- function(tau2) {
    r <- gls(tau2, X)$P %*% d$y
    c(t(r) %*% S %*% r) - sum(gls(tau2, X)$P * S)
  }
  height <- function(tau2) {
    f <- gls(tau2, X)
    -(determinant(V + tau2 * S)$modulus + determinant(t(f$X) %*% f$W %*% f$X)$modulus + f$q) / 2
  }
  whole <- gls(0, X)
  # Every root of the restricted score on a fine grid; the highest is the estimate.
  restricted <- 0
  if (whole$df > 0) {
    grid <- c(0, exp(seq(log(1e-6), log(1e4), length.out = 400)))
    value <- sapply(grid, score)
    falls <- which(head(value, -1) > 0 & tail(value, -1) <= 0)
    roots <- c(0, vapply(falls, function(i) uniroot(score, grid[i + 0:1], tol = 1e-15)$root, 0))
    restricted <- roots[which.max(sapply(roots, height))]
  }
  told <- function(tau2) {
    f <- gls(tau2, X)
    C <- rbind(0, cbind(0, f$C))
    at <- c(0, f$b)
    se <- sqrt(pmax(outer(diag(C), diag(C), "+") - 2 * C, 0))
    lower <- pnorm(-outer(at, at, "-") / se)
    diag(lower) <- NA
    reach <- if (whole$df > 0) qt(0.975, whole$df) * sqrt(se[1, -1]^2 + tau2) else rep(NA, ncol(X))
    list(tau2 = tau2, position = at, se = se, reach = I(reach),
         p_score = rowMeans(lower, na.rm = TRUE))
  }
  # Each design with effects of its own.
  design <- sapply(rows, function(r) paste(sort(r$arms), collapse = ":"))
  design <- design[match(d$study, sapply(rows, `[[`, "study"))]
  Z <- do.call(cbind, lapply(unique(design), function(u) sapply(names, function(t)
    (design == u) * ((d$t == t) - (d$c == t)))))
  Z <- matrix(Z, nrow = nrow(d))
  within <- gls(0, Z)
  list(treatments = names, df = whole$df, q = whole$q, DL = told(moments(X)),
       REML = told(restricted), within = c(within$q, within$df), tau2_within = moments(Z))
}

L <- LETTERS
nets <- list(
 two_treatments = gen(rep(list(c("A","B")),6),c("A","B")),
 one_study = gen(list(c("A","B")),c("A","B")),
 one_three_arm = gen(list(c("A","B","C")),L[1:3]),
 one_four_arm = gen(list(c("D","B","C","A")),L[1:4]),
 star = gen(rep(list(c("P","A"),c("B","P"),c("P","C"),c("D","P")),each=3),c("P",L[1:4])),
 triangle = gen(rep(list(c("A","B"),c("B","C"),c("C","A")),each=3),L[1:3]),
 square = gen(rep(list(c("A","B"),c("B","C"),c("C","D"),c("D","A")),each=2),L[1:4]),
 chain = gen(rep(list(c("A","B"),c("B","C"),c("C","D")),each=2),L[1:4]),
 multi = gen(c(rep(list(c("B","A","C")),3),list(c("A","D"),c("D","C"),c("C","B","A","D"),c("E","A","D"))),L[1:5]),
 five_arm = gen(list(L[1:5],c("C","A"),c("E","B"),c("B","A"),c("D","E","A")),L[1:5]),
 tau_zero = gen(rep(list(c("A","B"),c("B","C"),c("C","A")),each=3),L[1:3],tau=0,vmin=1,vmax=2,eff=c(A=0,B=0,C=0)),
 huge = gen(rep(list(c("A","B"),c("B","C"),c("C","A"),c("A","B","C")),each=3),L[1:3],tau=30),
 thirty = gen(c(lapply(2:30,function(i) c(paste0("T",i-1),paste0("T",i))),lapply(1:60,function(i) paste0("T",sample(30,sample(2:4,1))))),paste0("T",1:30)),
 wide_v = gen(rep(list(c("A","B"),c("B","C"),c("C","A")),each=3),L[1:3],vmin=1e-4,vmax=100),
 all_multi = gen(rep(list(c("A","B","C"),c("B","C","D"),c("D","A","C")),each=2),L[1:4]),
 two_loops = gen(rep(list(c("A","B"),c("B","C"),c("C","A"),c("C","D"),c("D","E"),c("E","C")),each=2),L[1:5])
)
write_reference(list(call = "generalised least squares", versions = versions, date = "2026-11-23",
  networks = lapply(nets, function(rows) list(
    rows = lapply(rows, function(r) list(study = r$study, arms = I(r$arms), y = I(r$y), v = I(r$v))),
    fit = fit(rows)))), "network", "shapes", "made")

# The log-likelihood written out once more, in plain R, and Newton's method on it.
#
# The optimisers that rma.mv() can call stop at relative steps of about 1e-6 in the variance
# components. Their end point is taken further here by Newton steps with numDeriv's derivatives.
# At metafor's own estimates this log-likelihood must equal metafor's to 1e-8 (checked below).

suppressMessages(library(numDeriv))

correlation_of <- function(struct, distance, rho) {
  switch(struct,
    CS = , HCS = ifelse(distance > 0, rho, 1),
    ID = , DIAG = ifelse(distance > 0, 0, 1),
    AR = , HAR = , CAR = ifelse(distance > 0, rho^distance, 1),
    SPEXP = exp(-distance / rho),
    SPGAU = exp(-distance^2 / rho^2),
    SPLIN = pmax(1 - distance / rho, 0),
    SPRAT = 1 - (distance / rho)^2 / (1 + (distance / rho)^2),
    SPSPH = ifelse(distance < rho, 1 - 1.5 * distance / rho + 0.5 * (distance / rho)^3, 0))
}

# T of the inner levels: variances, then correlations column by column.
levels_covariance <- function(struct, size, distance, tau2, rho) {
  if (struct %in% c("UN", "GEN")) {
    R <- diag(size)
    R[lower.tri(R)] <- rho
    R[upper.tri(R)] <- t(R)[upper.tri(R)]
  } else {
    R <- matrix(correlation_of(struct, distance, rho), size)
  }
  sd <- sqrt(rep(tau2, length.out = size))
  sd * t(sd * R)
}

log_likelihood <- function(y, X, V, same, part, theta, reml) {
  M <- V
  for (i in seq_along(same)) M <- M + theta$sigma2[i] * same[[i]]
  if (!is.null(part)) {
    T <- levels_covariance(part$struct, part$size, part$distance, theta$tau2, theta$rho)
    # Outside the covariance matrices the marginal one can still be positive definite.
    lowest <- min(eigen(T, symmetric = TRUE, only.values = TRUE)$values)
    if (lowest < -1e-9 * max(T)) return(-1e10)
    M <- M + part$outer * (part$A %*% T %*% t(part$A))
  }
  U <- tryCatch(chol(M), error = function(e) NULL)
  if (is.null(U)) return(-1e10)
  half <- backsolve(U, cbind(X, y), transpose = TRUE)
  Xs <- half[, seq_len(ncol(X)), drop = FALSE]
  fit <- qr(Xs)
  rest <- sum(qr.resid(fit, half[, ncol(half)])^2)
  k <- length(y); p <- ncol(X)
  value <- -sum(log(diag(U))) - rest / 2
  if (!reml) return(value - k / 2 * log(2 * pi))
  value - (k - p) / 2 * log(2 * pi) - sum(log(abs(diag(qr.R(fit))))) +
    sum(log(abs(diag(qr.R(qr(X))))))
}

# A fit of rma.mv taken to where the slope vanishes; NULL parts stay as they are.
polished <- function(f, same, part, steps = 6) {
  reml <- f$method == "REML"
  y <- as.vector(f$yi); X <- f$X; V <- as.matrix(f$V)
  has_tau <- !is.null(part)
  start <- list(sigma2 = if (f$withS) f$sigma2 else NULL,
                tau2 = if (has_tau) f$tau2 else NULL, rho = if (has_tau) f$rho else NULL)
  if (has_tau && part$struct %in% c("ID", "DIAG")) start$rho <- 0
  at_metafor <- log_likelihood(y, X, V, same, part, start, reml)
  stopifnot(abs(at_metafor - as.numeric(logLik(f))) < 1e-7 * max(1, abs(at_metafor)))
  flat <- unlist(start)
  kind <- rep(names(start), lengths(start))
  range <- has_tau && startsWith(part$struct, "SP")
  fixed <- if (has_tau) c(rep(FALSE, length(start$sigma2)), part$hold_tau2, part$hold_rho) else
    rep(FALSE, length(flat))
  if (has_tau && part$struct %in% c("ID", "DIAG")) fixed[kind == "rho"] <- TRUE
  scale <- max(flat[kind != "rho"], mean(diag(V)))
  # Correlations run to the ends of tanh; a range is positive, as variances are.
  log_scale <- kind != "rho" | range
  # A variance at 0 stays there when that is no lower.
  edge <- kind != "rho" & !fixed & flat < 1e-4 * scale
  for (i in which(edge)) {
    tried <- flat; tried[i] <- 0
    lower <- log_likelihood(y, X, V, same, part, relist_theta(tried, kind), reml)
    if (lower >= at_metafor - 1e-8) { flat[i] <- 0; fixed[i] <- TRUE }
  }
  edge <- kind == "rho" & !fixed & !range & abs(flat) > 0.9999
  flat[edge] <- sign(flat[edge]); fixed[edge] <- TRUE
  free <- which(!fixed)
  natural <- function(x) {
    out <- flat
    out[free] <- ifelse(log_scale[free], exp(x), tanh(x))
    out
  }
  objective <- function(x) {
    log_likelihood(y, X, V, same, part, relist_theta(natural(x), kind), reml)
  }
  slope <- 0
  if (length(free)) {
    x <- numeric(length(free))
    x[log_scale[free]] <- log(flat[free][log_scale[free]])
    x[!log_scale[free]] <- atanh(flat[free][!log_scale[free]])
    for (step in seq_len(steps)) {
      g <- grad(objective, x)
      H <- hessian(objective, x)
      move <- tryCatch(-solve(H, g), error = function(e) 0 * x)
      if (objective(x + move) < objective(x) - 1e-9) break
      x <- x + move
      if (max(abs(move)) < 1e-8) break
    }
    flat <- natural(x)
    slope <- max(abs(grad(objective, x)))
  }
  out <- relist_theta(flat, kind)
  c(out, list(log_likelihood = log_likelihood(y, X, V, same, part, out, reml), slope = slope))
}

relist_theta <- function(flat, kind) {
  list(sigma2 = flat[kind == "sigma2"], tau2 = flat[kind == "tau2"], rho = flat[kind == "rho"])
}

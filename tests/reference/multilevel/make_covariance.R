# vcalc() and aggregate() of metafor, on the data sets they are documented with and on a grid.
source(file.path("tests", "reference", "common.R"))

reported <- function(name, data, columns, call, V) {
  write_reference(list(program = versions, name = name, call = call,
                       data = as.list(as.data.frame(data)[columns]), V = unname(as.matrix(V))),
                  "multilevel", "covariance", name)
}

d <- dat.assink2016
reported("assink2016_rho", d, c("study", "esid", "vi"), "vcalc(vi, cluster=study, obs=esid, rho=0.6)",
         vcalc(vi, cluster = study, obs = esid, rho = 0.6, data = d))
reported("assink2016_type", d, c("study", "esid", "deltype", "vi"),
         "vcalc(vi, cluster=study, type=deltype, obs=esid, rho=c(0.7, 0.5))",
         vcalc(vi, cluster = study, type = deltype, obs = esid, rho = c(0.7, 0.5), data = d))
d <- dat.kalaian1996
reported("kalaian1996_type", d, c("study", "outcome", "vi"),
         "vcalc(vi, cluster=study, type=outcome, rho=0.66)",
         vcalc(vi, cluster = study, type = outcome, rho = 0.66, data = d))
d <- dat.berkey1998
reported("berkey1998_known", d, c("trial", "v1i", "v2i", "vi", "outcome"),
         "vcalc(vi=1, cluster=author, rvars=c(v1i, v2i))",
         vcalc(vi = 1, cluster = author, rvars = c(v1i, v2i), data = d))
d <- reshape(dat.ishak2007, direction = "long", idvar = "study", v.names = c("yi", "vi"),
             varying = list(c(2, 4, 6, 8), c(3, 5, 7, 9)))
d <- d[order(d$study, d$time), ]
d <- d[!is.na(d$yi), ]
d$study <- as.character(d$study)
reported("ishak2007_time", d, c("study", "time", "vi"), "vcalc(vi, cluster=study, time1=time, phi=0.97)",
         vcalc(vi, cluster = study, time1 = time, phi = 0.97, data = d))
d <- dat.knapp2017
d$test <- paste(d$task, d$difficulty)
reported("knapp2017_groups", d, c("study", "group1", "group2", "n_sz", "n_hc", "test", "vi"),
         "vcalc(vi, cluster=study, grp1=group1, grp2=group2, w1=n_sz, w2=n_hc, obs=test, rho=0.4)",
         vcalc(vi, cluster = study, grp1 = group1, grp2 = group2, w1 = n_sz, w2 = n_hc,
               obs = test, rho = 0.4, data = d))

# Contrasts of groups and times: between persons, within persons, both, with and without sizes.
d <- data.frame(
  study = rep(1:3, c(4, 4, 3)),
  sub = c(1, 1, 1, 1, 1, 1, 2, 2, 1, 1, 1),
  g1 = c("A", "B", "A", "C", "A", "A", "B", "B", "A", "B", "C"),
  g2 = c("C", "C", "B", "B", "A", "A", "D", "C", "D", "D", "D"),
  t1 = c(1, 1, 2, 2, 2, 3, 1, 3, 1, 2, 4), t2 = c(1, 1, 2, 1, 1, 1, 1, 3, 1, 2, 3),
  w1 = c(20, 30, 20, 25, 40, 40, 15, 16, 10, 12, 14), w2 = c(25, 25, 30, 30, 40, 40, 18, 17, 9, 9, 9),
  kind = c("x", "x", "y", "x", "x", "y", "x", "x", "x", "y", "x"),
  vi = c(.1, .12, .09, .15, .2, .18, .3, .28, .05, .07, .06))
all <- names(d)
# Without times some of these contrasts are combinations of others, and are left out.
some <- d[c(1, 2, 7:11), ]
reported("contrasts_equal", some, all, "vcalc(vi, cluster=study, grp1=g1, grp2=g2)",
         vcalc(vi, cluster = study, grp1 = g1, grp2 = g2, data = some, checkpd = FALSE))
reported("contrasts_sizes", some, all, "vcalc(vi, cluster=study, grp1=g1, grp2=g2, w1=w1, w2=w2)",
         vcalc(vi, cluster = study, grp1 = g1, grp2 = g2, w1 = w1, w2 = w2, data = some,
               checkpd = FALSE))
reported("contrasts_times", d, all,
         "vcalc(vi, cluster=study, grp1=g1, grp2=g2, time1=t1, time2=t2, phi=0.8)",
         vcalc(vi, cluster = study, grp1 = g1, grp2 = g2, time1 = t1, time2 = t2, phi = 0.8,
               data = d, checkpd = FALSE))
reported("contrasts_everything", d, all,
         "vcalc(vi, cluster=study, subgroup=sub, grp1=g1, grp2=g2, time1=t1, time2=t2, w1=w1, w2=w2, type=kind, rho=0.5, phi=0.8)",
         vcalc(vi, cluster = study, subgroup = sub, grp1 = g1, grp2 = g2, time1 = t1, time2 = t2,
               w1 = w1, w2 = w2, type = kind, rho = 0.5, phi = 0.8, data = d, checkpd = FALSE))

# aggregate()
d <- dat.assink2016
d <- escalc(measure = "SMD", yi = yi, vi = vi, data = d)
combined <- function(a) {
  list(cluster = as.character(a$study), estimate = as.numeric(a$yi), variance = a$vi)
}
V <- vcalc(vi, cluster = study, type = deltype, obs = esid, rho = c(0.7, 0.5), data = d)
values <- list(
  ID = combined(aggregate(d, cluster = study, struct = "ID")),
  CS = combined(aggregate(d, cluster = study, struct = "CS", rho = 0.6)),
  CS_plain = combined(aggregate(d, cluster = study, struct = "CS", rho = 0.6, weighted = FALSE)),
  CAR = combined(aggregate(d, cluster = study, struct = "CAR", time = esid, phi = 0.9)),
  "CS+CAR" = combined(aggregate(d, cluster = study, struct = "CS+CAR", time = esid, rho = 0.3,
                                phi = 0.9)),
  "CS*CAR" = combined(aggregate(d, cluster = study, struct = "CS*CAR", time = esid, obs = deltype,
                                rho = 0.6, phi = 0.9)),
  V = combined(aggregate(d, cluster = study, V = V)))
write_reference(list(program = versions, data = as.list(as.data.frame(d)[c("study", "esid", "deltype", "yi", "vi")]),
                     V = unname(as.matrix(V)), values = values), "multilevel", "covariance", "aggregate_assink2016")

# The studies behind the published analyses, from R's metadat, as small JSON tables.
#
# Run from the project's root: Rscript tests/papers/make.R. Only the columns that a test uses
# are kept. No result is written here: what the tests expect is what the papers print.

suppressMessages({
  library(metadat)
  library(jsonlite)
})

folder <- file.path("tests", "papers", "data")
dir.create(folder, showWarnings = FALSE)

keep <- function(name, columns, source, rows = TRUE) {
  data <- get(paste0("dat.", name))[rows, columns]
  rownames(data) <- NULL
  value <- list(from = paste0("metadat ", packageVersion("metadat"), ", dat.", name),
                source = source, columns = as.list(data))
  writeLines(toJSON(value, auto_unbox = TRUE, digits = NA, na = "null", pretty = FALSE),
             file.path(folder, paste0(name, ".json")))
}

treated_and_control <- c("ai", "n1i", "ci", "n2i")

keep("bcg", c("author", "year", "tpos", "tneg", "cpos", "cneg", "ablat"),
     "Colditz et al. (1994). JAMA 271, 698-702. doi:10.1001/jama.1994.03510330076038")
keep("berkey1998", c("trial", "year", "outcome", "yi", "v1i", "v2i"),
     "Berkey et al. (1998). Stat Med 17, 2537-2550, Table I")
keep("hine1989", c("source", treated_and_control),
     "Hine et al. (1989). Arch Intern Med 149, 2694-2698. doi:10.1001/archinte.1989.00390120056011")
keep("normand1999", c("source", "n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i"),
     "Normand (1999). Stat Med 18, 321-359, Table II")
keep("raudenbush1985", c("study", "author", "weeks", "yi", "vi"),
     "Raudenbush & Bryk (1985). J Educ Stat 10, 75-98, Table 1")
keep("konstantopoulos2011", c("district", "school", "study", "year", "yi", "vi"),
     "Konstantopoulos (2011). Res Synth Methods 2, 61-76, Table 1")
keep("hackshaw1998", c("author", "year", "yi", "vi"),
     "Hackshaw, Law & Wald (1997). BMJ 315, 980-988. doi:10.1136/bmj.315.7114.980")
keep("egger2001", c("study", "year", treated_and_control),
     "Egger, Davey Smith & Altman (2001). Systematic Reviews in Health Care, 2nd ed. BMJ Books")
keep("lau1992", c("trial", "year", treated_and_control),
     "Lau et al. (1992). N Engl J Med 327, 248-254. doi:10.1056/NEJM199207233270406")
keep("pignon2000", c("trial", "OmE", "V", "grp"),
     "Pignon et al. (2000). Lancet 355, 949-955. doi:10.1016/S0140-6736(00)90011-4")
keep("cannon2006", c("trial", "nt", "nc", "ep1t", "ep1c", "ep2t", "ep2c", "ep3t", "ep3c"),
     "Cannon et al. (2006). J Am Coll Cardiol 48, 438-445. doi:10.1016/j.jacc.2006.04.070")
keep("landenberger2005", c("study", "n.ctrl.rec", "n.ctrl.non", "n.cbt.rec", "n.cbt.non"),
     "Landenberger & Lipsey (2005). J Exp Criminol 1, 451-476. doi:10.1007/s11292-005-3541-7")
keep("molloy2014", c("authors", "year", "ni", "ri"),
     "Molloy, O'Carroll & Ferguson (2014). Ann Behav Med 47, 92-101. doi:10.1007/s12160-013-9524-4")
keep("baskerville2012", c("author", "year", "smd", "se"),
     "Baskerville, Liddy & Hogg (2012). Ann Fam Med 10, 63-74. doi:10.1370/afm.1312")
keep("laopaiboon2015", c("author", "year", treated_and_control),
     paste("Laopaiboon, Panpanich & Swa Mya (2015). Cochrane Database Syst Rev, CD001954.",
           "doi:10.1002/14651858.CD001954.pub4"))
keep("hart1999", c("study", "year", "x1i", "n1i", "x2i", "n2i"),
     "Hart et al. (1999). Ann Intern Med 131, 492-501. doi:10.7326/0003-4819-131-7-199910050-00003")
keep("damico2009", c("study", "year", "xt", "nt", "xc", "nc"),
     paste("D'Amico et al. (2009). Cochrane Database Syst Rev, CD000022.",
           "doi:10.1002/14651858.CD000022.pub3"))
keep("hahn2001", c("study", treated_and_control),
     "Hahn, Kim & Garner (2001). BMJ 323, 81-85. doi:10.1136/bmj.323.7304.81")
keep("hartmannboyce2018", c("study", "x.nrt", "n.nrt", "x.ctrl", "n.ctrl", "treatment"),
     paste("Hartmann-Boyce et al. (2018). Cochrane Database Syst Rev, CD000146.",
           "doi:10.1002/14651858.CD000146.pub5"))
keep("mcdaniel1994", c("study", "ni", "ri"),
     "McDaniel et al. (1994). J Appl Psychol 79, 599-616. doi:10.1037/0021-9010.79.4.599")

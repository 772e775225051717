# What R's `segregation`, `OasisR` and `seg` take for the work of rivals.sh:
#     Rscript rivals.R TABLE GROUPS MANY_TABLE MANY_GROUPS
# Lines as rivals.py has them; processor seconds, reading left out.
given <- commandArgs(trailingOnly = TRUE)
t <- read.csv(given[1])
names <- strsplit(given[2], ",")[[1]]
x <- as.matrix(t[names])
DRAWS <- 500

line <- function(...) cat(..., sep = "\t", fill = FALSE)
clock <- function(work, package, do) {
  got <- NULL
  before <- proc.time()
  failed <- tryCatch({
    invisible(capture.output(got <- suppressMessages(suppressWarnings(do()))))
    NULL
  }, error = function(e) conditionMessage(e))
  took <- proc.time() - before
  if (!is.null(failed)) {
    line("failed", work, package, gsub("[\n\t]", " ", failed))
    cat("\n")
    return(NULL)
  }
  line("time", work, package, sprintf("%.6f", sum(took[c(1, 2, 4, 5)])))
  cat("\n")
  got
}
value <- function(name, package, v, tolerance = 1e-9) {
  if (is.null(v)) return()
  line("value", name, package, sprintf("%.17g", v), tolerance)
  cat("\n")
}
has <- function(p) {
  if (requireNamespace(p, quietly = TRUE)) return(TRUE)
  cat("absent\tR ", p, "\tnot installed\n", sep = "")
  FALSE
}
long <- function(t, names)
  data.frame(unit = rep(t$unit, length(names)),
             group = rep(names, each = nrow(t)),
             n = unlist(t[names], use.names = FALSE))

if (has("segregation")) {
  p <- "R segregation"
  data.table::setDTthreads(1)
  l <- long(t, names)
  l <- l[l$n > 0, ]
  rest <- rowSums(x) - x[, 1]
  two <- rbind(data.frame(unit = t$unit, group = "own", n = x[, 1]),
               data.frame(unit = t$unit, group = "rest", n = rest))
  total <- clock("multi", p, function()
    segregation::mutual_total(l, "group", "unit", weight = "n"))
  if (!is.null(total)) {
    value("M", p, total$est[total$stat == "M"])
    value("H", p, total$est[total$stat == "H"])
  }
  d <- clock("single-d", p, function()
    segregation::dissimilarity(two, "group", "unit", weight = "n"))
  if (!is.null(d)) value("D", p, d$est)
  clock("draws", p, function()
    segregation::dissimilarity_expected(two, "group", "unit", weight = "n",
                                        n_bootstrap = DRAWS))
  clock("draws-multi", p, function()
    segregation::mutual_total_expected(l, "group", "unit", weight = "n",
                                       n_bootstrap = DRAWS))
  clock("bootstrap-multi", p, function()
    segregation::mutual_total(l, "group", "unit", weight = "n", se = TRUE,
                              n_bootstrap = DRAWS))
  many <- read.csv(given[3])
  wide <- strsplit(given[4], ",")[[1]]
  m <- long(many, wide)
  m <- m[m$n > 0, ]
  clock("exposure", p, function()
    segregation::exposure(m, "group", "unit", weight = "n"))
}
if (has("OasisR")) {
  p <- "OasisR"
  got <- clock("groups", p, function()
    list(OasisR::ISDuncan(x), OasisR::Gini(x), OasisR::xPx(x)))
  if (!is.null(got)) {
    value("D", p, got[[1]][1], 5e-5) # rounded to four digits
    value("Gini", p, got[[2]][1], 5e-5)
    value("isolation", p, got[[3]][1], 5e-5)
  }
  clock("draws", p, function()
    OasisR::ResampleTest(cbind(x[, 1], rowSums(x) - x[, 1]), fun = "ISDuncan",
                         simtype = "MonteCarlo", nsim = DRAWS))
}
if (has("seg")) {
  p <- "R seg"
  xy <- as.matrix(t[c("x", "y")])
  got <- clock("spatial-seg", p, function()
    seg::spseg(xy, data = x, method = "all", smoothing = "none",
               maxdist = 1000, useC = TRUE, useExp = FALSE, scale = TRUE))
  if (!is.null(got)) {
    value("D of environments, biweight", p, methods::slot(got, "d"), 1e-6)
    value("H of environments, biweight", p, methods::slot(got, "h"), 1e-6)
  }
}

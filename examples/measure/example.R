# example.c from R, with .C through r_glue.c (see there how to build it):
#     Rscript example.R ./r_glue.so
given <- commandArgs(trailingOnly = TRUE)
dyn.load(if (length(given)) given[1] else "./r_glue.so")

must <- function(answer) {
  if (answer$rc != 0) stop("code ", answer$rc)
  answer$out
}
persons <- cbind(born_here   = c(210, 180, 150, 120, 140, 205),
                 born_abroad = c(10, 35, 60, 95, 70, 20))
n <- as.double(t(persons)) # by row
units <- nrow(persons)
groups <- ncol(persons)

d <- must(.C("glue_interval", "dissimilarity", n, units, groups, group = 1L,
             draws = 500L, seed = 7L, threads = 2L, out = double(6),
             rc = integer(1)))
cat(sprintf("dissimilarity %.4f, by chance %.4f, p %.4f\n", d[1], d[2], d[3]))
cat(sprintf("debiased %.4f, between %.4f and %.4f\n", d[4], d[5], d[6]))

h <- must(.C("glue_measure", "information_theory", n, units, groups,
             group = -1L, out = double(1), rc = integer(1)))
cat(sprintf("information theory %.4f\n", h))

h <- must(.C("glue_spatial_h", n, units, groups, x = c(0, 200, 400, 600, 800,
             1000), y = double(6), surface = rep(4e4, 6),
             perimeter = rep(800, 6), metres = 500, out = double(1),
             rc = integer(1)))
cat(sprintf("information theory within 500 m %.4f\n", h))

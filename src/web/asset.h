/*
 * asset.h: files of the pages (assets/), embedded, under hashed names.
 *
 * "site.css" is served at "/assets/site.1a2b3c4d.css"; a template writes
 * {{page.asset.site_css}}. Pure; results in the arena.
 */
#ifndef PASSERELLE_WEB_ASSET_H
#define PASSERELLE_WEB_ASSET_H

#include "base/embedded.h"
#include "base/node.h"

const char *asset_path(const struct embedded *asset, struct arena *a);
const struct embedded *asset_find(struct str name, struct arena *a); /* or 0 */
const char *asset_type(const char *name);
void assets_write(struct node *page);

#endif

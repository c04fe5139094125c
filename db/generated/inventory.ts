// Made by db/generate.ts from the migrations of the inventory database. Do not edit.

export interface DB {}

// Made by db/generate.ts from the migrations of the hub database. Do not edit.

export interface DB {}

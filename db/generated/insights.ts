// Made by db/generate.ts from the migrations of the insights database. Do not edit.

export interface DB {}

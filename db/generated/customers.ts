// Made by db/generate.ts from the migrations of the customers database. Do not edit.

export interface DB {}

// Made by db/generate.ts from the migrations of the telephony database. Do not edit.

export interface DB {}

import fs from 'node:fs';

/*
 * What messages and marks are made with, as it was when this code was loaded: a task may replace it in its worker, as a test may
 * in the master, and must not change what they say to each other.
 */

export const { parse, stringify } = JSON;
export const { readSync, writeSync } = fs;

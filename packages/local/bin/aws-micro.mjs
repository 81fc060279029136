#!/usr/bin/env node
import { createRequire } from 'node:module';
import { build, entry, isStale } from './build.mjs';

if (isStale()) await build();
createRequire(import.meta.url)(entry);

import type { Question } from './question.js';
import { burst } from './questions/burst.js';
import { map } from './questions/map.js';
import { objects } from './questions/objects.js';
import { roundTrip } from './questions/round-trip.js';

export const questions: readonly Question[] = [burst, roundTrip, map, objects];

import type { Question } from './question.js';
import { buffers } from './questions/buffers.js';
import { burst } from './questions/burst.js';
import { cpu } from './questions/cpu.js';
import { growth } from './questions/growth.js';
import { io } from './questions/io.js';
import { map } from './questions/map.js';
import { memory } from './questions/memory.js';
import { objects } from './questions/objects.js';
import { recycling } from './questions/recycling.js';
import { roundTrip } from './questions/round-trip.js';
import { skewed } from './questions/skewed.js';
import { startup } from './questions/startup.js';
import { threads } from './questions/threads.js';

export const questions: readonly Question[] = [
  burst,
  objects,
  roundTrip,
  map,
  buffers,
  cpu,
  skewed,
  io,
  startup,
  recycling,
  memory,
  threads,
  growth,
];

import { UsageError } from '../usage-error.js';

/** The output of an earlier run cannot be continued. */
export class RefusedResume extends UsageError {
  override readonly name = 'RefusedResume';

  constructor(reason: string) {
    super(`Cannot resume: ${reason}. Without --resume the run begins anew, and overwrites the output`);
  }
}

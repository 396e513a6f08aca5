import { kubernetes } from "./kubernetes/index.js";
import { pulsarAdmin } from "./pulsar-admin/index.js";
import { schemas } from "./schemas/index.js";
import { sql } from "./sql/index.js";
import type { Target } from "./target.js";
import { terraform } from "./terraform/index.js";
import { typescript } from "./typescript/index.js";

/** All that evgen can make of a model. A target is one line here. */
export const targets: readonly Target[] = [typescript, schemas, pulsarAdmin, terraform, kubernetes, sql];

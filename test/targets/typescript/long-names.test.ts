import { expect, it } from "vitest";
import { biomeErrors, folderOf, generate, modelOf, typeErrors } from "./generated.js";

/** Names as long as they come: little fits into a line. */
const name = (index: number): string => `ParcelWasHandedOverToTheCarrier${index}`;
const long = "InternationalShipmentOfParcels";
const twelve = Array.from({ length: 12 }, (_, index) => index);

const yaml = `
evgen: 1
system: long
types:
  PaymentByBankTransferInAdvance: { fields: { a: string } }
  PaymentByCreditCardOnDelivery: { fields: { b: string } }
  Either: { oneOf: [PaymentByBankTransferInAdvance, PaymentByCreditCardOnDelivery] }
aggregates:
  ${long}:
    key: { internationalShipmentId: uuid }
    events:
${twelve
  .map(
    (index) => `      ${name(index)}:
        versions:
          1: { fields: { a: string, enums?: { enum: [${twelve.map((i) => `alternative${i}`).join(", ")}] } } }
          2:
            fields:
              a: string
              enums?: { enum: [${twelve.map((i) => `alternative${i}`).join(", ")}] }
              many: "Either[]"
              either: { oneOf: [PaymentByBankTransferInAdvance, PaymentByCreditCardOnDelivery] }
            upcast:
              many: { by: listOfPaymentsFromBefore${index} }
              either: { oneOf: PaymentByBankTransferInAdvance, fields: { a: { template: "{a} and {a} and {a}" } } }`,
  )
  .join("\n")}
  Short:
    key: { id: string }
    events: { Happened: { versions: { 1: { fields: { a: string } } } } }
projections:
  ShipmentsOfParcelsByCountry:
    from: ${long}
    store: memory
    fields: { aFieldWhoseNameIsQuiteLong: string, anotherFieldWhoseNameIsQuiteLong: string }
    on:
${twelve.map((index) => `      ${name(index)}: ${index === 0 ? "{ by: makesTheRowOfSomethingImportant }" : "{ set: { aFieldWhoseNameIsQuiteLong: $a, anotherFieldWhoseNameIsQuiteLong: $a } }"}`).join("\n")}
consumers:
  CustomsDeclarationOffice: { from: [${long}, Short] }
  Most: { from: [InternationalShipmentOfParcels, Short], events: [${twelve.map(name).join(", ")}] }
  AnotherOne: { from: ${long}, events: [${name(1)}, ${name(2)}] }
  Few: { from: Short }
`;

it("breaks lines as the formatter does", async () => {
  const files = await generate(await modelOf(yaml));
  expect(await biomeErrors(files)).toEqual([]);
  expect(await typeErrors(folderOf(files))).toEqual([]);
});

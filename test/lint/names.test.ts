import { describe, expect, test } from "vitest";
import { endsInParticiple, isPastTense } from "../../src/lint/past-tense.js";
import { looksPersonal } from "../../src/lint/personal-names.js";
import { wordsOf } from "../../src/lint/words.js";

const names = (text: string): readonly string[] => text.trim().split(/\s+/);

test("names are split into words", () => {
  expect(wordsOf("OrderPlacedV2")).toEqual(["order", "placed", "v", "2"]);
  expect(wordsOf("OTPSent")).toEqual(["otp", "sent"]);
  expect(wordsOf("ipV4Address")).toEqual(["ip", "v", "4", "address"]);
  expect(wordsOf("e")).toEqual(["e"]);
});

describe("the past tense", () => {
  // What event logs of shops, banks, logistics, clinics, games and machines hold.
  test.each(
    names(`
      OrderPlaced OrderPaid OrderShipped OrderCancelled OrderCanceled PaymentReceived PaymentSent PasswordReset PriceCut
      MoneyWithdrawn MoneyDeposited AccountOpened AccountClosed AccountFrozen AccountUnfrozen UserLoggedIn UserSignedUp
      LoginFailed CodeSent CodeResent EmailBounced EmailRead MessageRead LimitSet LimitHit BidPut BetLost GameWon GameLost
      RoundBegun MatchStarted SeatTaken SeatHeld TicketSold TicketBought TicketResold TaxPaid InvoiceOverpaid InvoiceWrittenOff
      LoanForgiven LoanDrawnDown PolicyLapsed ClaimFiled ClaimUpheld PatientSeen BloodDrawn DoseGiven BoneBroken SampleFrozen
      ShipmentLeft ParcelLost ParcelFound GoodsHeldBack TruckDriven RouteChosen DoorShut ValveStuck MotorSpun MachineRun
      FileWritten BuildBroken CommitPushed BranchCut TokenSpent PointsWon ContractSigned OfferMade DecisionMade LeadWon
      CustomerMet CustomerOnboarded AddressCorrected PhoneNumberVerified OrderSentToWarehouse ShippedFromDepot BasketConfirmed
      SubscriptionRenewed SubscriptionPaused SubscriptionUpgraded FeedUpdated SeedPlanted NeedAssessed SpeedExceeded
      StockRunOut StockReplenished MemberLeft MemberQuit DataSplit RecordUpset ShowBroadcast ContractPutOnHold BookingUndone
      OwnershipForegone FundsMisspent ClaimWithdrawn JobRebuilt NoteRewritten OrderPreset PolicyUnderwritten
    `),
  )("%s is in it", (name) => expect(isPastTense(name)).toBe(true));

  test.each(
    names(`
      PlaceOrder CancelOrder ShipOrder OrderPlacement OrderCancellation PaymentReceipt ResetPassword CutPrice SetLimit
      ReadMessage SendEmail OrderEvent OrderStatus OrderReady StockLow PaymentDue NewsFeed NeedHelp SpeedLimit OrderCreate
      UserLogin UserLogout CustomerUpdate Notification HundredItems SeedOrder PutItem RunJob SplitOrder QuitGame OrderUpdates
      OrderShipping OrderIsPaying AddressChange
    `),
  )("%s is not", (name) => expect(isPastTense(name)).toBe(false));

  test("things that end in -ed are no participles", () => {
    expect(names("NewsFeed SpeedNeed OrderSeed Reed Bed").filter(endsInParticiple)).toEqual([]);
    expect(endsInParticiple("OrderPlaced")).toBe(true);
  });
});

describe("personal data", () => {
  test.each(
    names(`
      email customerEmail emails eMail emailAddress phone phones mobileNumber phoneNumber homePhone faxNumber firstName
      lastName fullName surname customerName userName username recipientName birthDate dateOfBirth birthday dob street
      shippingAddress billingAddress deliveryAddresses postcode postalCode iban ibans cardNumber creditCardNumber
      accountHolder ssn passportNumber ipAddress ip clientIp userAgent gender nationality licensePlate driverName
    `),
  )("%s looks like it", (name) => expect(looksPersonal(name, "OrderPlaced")).toBe(true));

  test.each(
    names(`
      emailVerified emailTemplate emailId emailHash phoneModel phoneCount productName name fileName displayNames2 address
      walletAddress warehouseAddress contractAddress memoryAddress eventName street1Count ipRange ship tip zip recipe
      nameChanged genders2 cardNumberLength userId customerId skip streetId topicName className hostName companyName
      addressType mobile message status
    `),
  )("%s does not", (name) => expect(looksPersonal(name, "OrderPlaced")).toBe(false));

  test("a name is one of a person in a person", () => {
    for (const owner of ["Customer", "ContactPerson", "Driver"]) expect(looksPersonal("name", owner)).toBe(true);
    for (const owner of ["Product", "CustomerSegment", "UserGroup"]) expect(looksPersonal("name", owner)).toBe(false);
  });
});

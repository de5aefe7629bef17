/**
 * DAX variables `OneSide` and `Counted`: incidents in sight on one side, and those of them that are counted, so that money
 * is counted once. An incident is left out beside one of a group that holds all of its series and was in trouble at the same
 * time.
 * @param oneSide DAX condition of the side on a row of Alarms.
 */
export function countedIncidents(oneSide: string): string {
  return `VAR OneSide = FILTER ( Alarms, ${oneSide} )
VAR Counted =
    FILTER (
        OneSide,
        VAR Around = "; " & RELATED ( Series[Within] ) & "; "
        VAR FromHere = Alarms[Start UTC]
        VAR ToHere = Alarms[End UTC]
        RETURN
            ISEMPTY (
                FILTER (
                    OneSide,
                    FIND ( "; " & Alarms[Series] & "; ", Around, 1, 0 ) > 0
                        && Alarms[Start UTC] < ToHere
                        && Alarms[End UTC] > FromHere
                )
            )
    )`;
}

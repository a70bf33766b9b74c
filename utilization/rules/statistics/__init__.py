"""Statistics of a report: control charts, funnels, time on therapy, medians. Plain Python, no library, no clock.

Every figure is worked out exactly, or with 50 digits where a root is drawn, and handed over as a `Decimal` of six
places, halves up (`exact.six_places`). A rule such as "outside the limits" is held against those figures, so that
whoever has the printed table comes to the same signals. Same values in, same figures out, on any machine.

    xmr([5210, 5480, …], publications=(16,)).points[16].signals     months of grams; new criteria with the 17th
    p_prime([(3, 31), (5, 40), …], publications=(16,))              months of shares, as (count, of)
    rare_events([12, 40, 3, …])                                      days between events that should not happen
    crossings_and_runs([5210, 5480, …])                              the same series by Anhoej's rules, as a cross-check
    change_since(chart, 16)                                          what the months since the 17th say
    funnel([("Neurology", 4, 61), …])                                shares of groups beside chance alone
    kaplan_meier([(183, True), (90, False), …])                      (days, whether it ended; False: still going)
    median([…]), centile([…], 90), mean([…])
"""
